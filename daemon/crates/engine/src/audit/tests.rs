use serde_json::json;

use super::*;

/// Four entries, the third of which is no text.
fn chain() -> Vec<AuditRecord> {
    let mut head = AuditHead::GENESIS;
    let mut records = Vec::new();
    let entry = |n: i64| {
        crate::records::encode(&json!({ "actor": "uid/0", "stream": format!("dossier/{n}") }))
    };
    for n in 1..=4i64 {
        let bytes = if n == 3 { vec![0xff, 0x00] } else { entry(n) };
        let record = head.append(n * 1000, &bytes);
        head = AuditHead { position: record.position, link: record.link };
        records.push(record);
    }
    records
}

fn head(records: &[AuditRecord]) -> AuditHead {
    records
        .last()
        .map_or(AuditHead::GENESIS, |last| AuditHead { position: last.position, link: last.link })
}

fn lines(records: &[AuditRecord]) -> Vec<Vec<u8>> {
    let first = encode(&Header::new(&head(records))).unwrap();
    let others = records.iter().map(|record| encode(&Line::from(record)).unwrap());
    std::iter::once(first).chain(others).collect()
}

fn prove(export: &[u8], remembered: Option<&str>) -> Result<Proven, Broken> {
    let remembered = remembered.map(|text| text.parse().unwrap());
    Export::open(export).unwrap().prove(Proof::new(remembered)).unwrap()
}

#[test]
fn an_export_holds() {
    let records = chain();
    let proven = prove(&lines(&records).concat(), None).unwrap();
    assert_eq!((proven.entries, proven.first.unwrap().position), (4, 1));
    assert_eq!(proven.last.unwrap().link, hex::encode(records[3].link));
    assert_eq!(prove(&lines(&[]).concat(), None).unwrap().entries, 0);
}

#[test]
fn no_byte_can_be_changed() {
    let export = lines(&chain()).concat();
    for at in 0..export.len() {
        for flip in [0x01, 0x20] {
            let mut changed = export.clone();
            changed[at] ^= flip;
            let Ok(opened) = Export::open(changed.as_slice()) else { continue };
            let proven = opened.prove(Proof::new(None)).unwrap();
            assert!(proven.is_err(), "byte {at} ^ {flip}: {}", String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn what_is_missing_or_out_of_order_is_named() {
    let lines = lines(&chain());
    let broken = |order: &[usize]| {
        let export: Vec<u8> = order.iter().flat_map(|at| lines[*at].clone()).collect();
        let broken = prove(&export, None).unwrap_err();
        (broken.code(), broken.entry())
    };
    assert_eq!(broken(&[0, 1, 3, 4]), ("gap", 2));
    assert_eq!(broken(&[0, 1, 3, 2, 4]), ("gap", 2));
    assert_eq!(broken(&[0, 1, 2, 2, 3, 4]), ("gap", 3));
    assert_eq!(broken(&[0, 1, 2, 3]), ("short", 4));
    let cut = lines.concat();
    let broken = prove(&cut[..cut.len() - 1], None).unwrap_err();
    assert_eq!((broken.code(), broken.entry()), ("unreadable", 4));
}

/// Whoever cuts the end off, and writes the first line anew, is betrayed by a remembered head alone.
#[test]
fn a_remembered_head_betrays_a_cut_tail() {
    let records = chain();
    let (cut, remembered) = (lines(&records[..2]).concat(), hex::encode(records[3].link));
    assert_eq!(prove(&cut, None).unwrap().entries, 2);
    assert_eq!(prove(&cut, Some(&remembered)), Err(Broken::Forgotten { position: 3 }));
    assert_eq!(
        prove(&cut, Some(&format!("2:{remembered}"))),
        Err(Broken::OtherHead { position: 2 })
    );
    let earlier = format!("2:{}", hex::encode(records[1].link));
    assert_eq!(prove(&lines(&records).concat(), Some(&earlier)).unwrap().entries, 4);
    assert!("1:zz".parse::<Remembered>().is_err());
    assert!("".parse::<Remembered>().is_err());
}

#[test]
fn what_is_no_export_is_not_called_broken() {
    for bytes in [&b""[..], b"%PDF-1.7\n", b"{}\n", b"{\"format\":\"other\"}\n"] {
        assert!(matches!(Export::open(bytes), Err(ReadError::NotAnExport)), "{bytes:?}");
    }
    let later = Header { version: 2, ..Header::new(&AuditHead::GENESIS) };
    let later = encode(&later).unwrap();
    assert!(matches!(Export::open(later.as_slice()), Err(ReadError::Version(2))));
}

#[test]
fn entries_are_told() {
    let entry = told(&chain()[0]);
    assert_eq!((entry.actor.as_str(), entry.streams[0].as_str()), ("uid/0", "dossier/1"));
    let change = json!({ "type": "societe_added", "societe": "exemple" });
    let actor = json!({ "kind": "operator", "uid": 7 });
    let value = json!({ "actor": actor, "streams": ["societe/exemple"], "events": [change] });
    let entry = told(&AuditHead::GENESIS.append(0, &crate::records::encode(&value)));
    assert_eq!((entry.actor.as_str(), entry.events[0].as_str()), ("uid/7", "societe_added"));
    assert_eq!(told(&chain()[2]).actor, "");
}
