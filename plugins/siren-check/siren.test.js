import assert from "node:assert/strict";
import { test } from "node:test";
import { isGood, numbers } from "./siren.js";

test("check digits", () => {
  assert.ok(isGood("SIREN", "732829320"));
  assert.ok(!isGood("SIREN", "732829321"));
  assert.ok(isGood("SIRET", "73282932000074"));
  assert.ok(!isGood("SIRET", "73282932000075"));
  assert.ok(!isGood("SIREN", "73282932"));
});

test("an establishment of La Poste follows its own rule", () => {
  assert.ok(isGood("SIRET", "35600000000048"));
  assert.ok(isGood("SIRET", "35600000049837"));
  assert.ok(!isGood("SIRET", "35600000049838"));
});

test("numbers are found as people write them", () => {
  const found = (text) => numbers(text).map(({ word, digits, good }) => [word, digits, good]);
  assert.deepEqual(found("SIREN 732 829 320"), [["SIREN", "732829320", true]]);
  assert.deepEqual(found("n° Siren : 732.829.321."), [["SIREN", "732829321", false]]);
  assert.deepEqual(found("SIRET N° 732 829 320 00074, NAF 6920Z"), [["SIRET", "73282932000074", true]]);
  assert.deepEqual(found("Téléphone 01 23 45 67 89, sirène 732829321"), []);
});
