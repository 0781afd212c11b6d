import unittest


class Answers(unittest.TestCase):
    def test_every_language(self):
        for language in ("en", "de", "fr"):
            with self.subTest(language=language):
                assert language
