import datetime
import unittest

from closing import closing_dates, months_between


class Closing(unittest.TestCase):
    def test_dates_are_found_as_people_write_them(self):
        text = "Comptes de l'exercice clos\nle 31 décembre 2025 ; comparatif CLÔTURE AU 31/12/2024, arrêtés au 30.06.2023"
        expected = [datetime.date(2025, 12, 31), datetime.date(2024, 12, 31), datetime.date(2023, 6, 30)]
        self.assertEqual(closing_dates(text), expected)
        self.assertEqual(closing_dates("exercice clos le 1er avril 2026"), [datetime.date(2026, 4, 1)])

    def test_what_is_no_closing_date_is_left_out(self):
        for text in ["fait le 31 décembre 2025", "clos le 31/02/2025", "clos le 31 brumaire 2025", "enclos le 1/1/2025"]:
            self.assertEqual(closing_dates(text), [], text)

    def test_whole_months(self):
        day = datetime.date
        self.assertEqual(months_between(day(2024, 12, 31), day(2025, 12, 31)), 12)
        self.assertEqual(months_between(day(2024, 12, 31), day(2025, 12, 30)), 11)
        self.assertEqual(months_between(day(2026, 1, 15), day(2025, 12, 31)), -1)


if __name__ == "__main__":
    unittest.main()
