import unittest


class Answers(unittest.TestCase):
    def test_names_the_day(self):
        print("answered")

    def test_fails(self):
        self.fail("wrong")

    def test_errs(self):
        raise RuntimeError("no answer")

    @unittest.skip("later")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_known_to_fail(self):
        self.fail("known")

    def test_every_language(self):
        for language in ("en", "de"):
            with self.subTest(language=language):
                self.assertEqual(language, "en")
