"""A sentence in both languages of the service. It holds words only: catalogues and templates stand in the web layer."""

import msgspec


class Text(msgspec.Struct, frozen=True):
    """One sentence, said in Chinese and in English."""

    zh: str
    """The Chinese words, which are the ones in force."""
    en: str
    """The English words, for readers who need them."""

    def of(self, lang: str) -> str:
        """The words in `lang`, which is "zh" or "en"; any other language gets English."""
        return self.zh if lang == "zh" else self.en
