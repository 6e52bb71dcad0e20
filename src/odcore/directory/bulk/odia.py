"""Odia names in Latin letters, as people of Odisha spell them: ସସ୍ମିତା ନାୟକ is Sasmita Nayak.

No standard romanization: ISO 15919 would write sasmitā nāyaka, which nobody has on their nameplate.
"""

_VOWELS = dict(zip("ଅଆଇଈଉଊଋଏଐଓଔ", ("a", "a", "i", "i", "u", "u", "ru", "e", "ai", "o", "au"), strict=True))
_SIGNS = dict(zip("ାିୀୁୂୃେୈୋୌ", ("a", "i", "i", "u", "u", "ru", "e", "ai", "o", "au"), strict=True))
_LETTERS = "କଖଗଘଙଚଛଜଝଞଟଠଡଢଣତଥଦଧନପଫବଭମଯୟରଲଳଵୱଶଷସହ"
_SPELLED = "k kh g gh ng ch chh j jh n t th d dh n t th d dh n p ph b bh m j y r l l v w sh sh s h"
_CONSONANTS = dict(zip(_LETTERS, _SPELLED.split(" "), strict=True))
_VIRAMA, _NUKTA = "\u0b4d", "\u0b3c"
_OTHER = {"ଂ": "n", "ଃ": "", "ଁ": "n", _NUKTA: "", "\u200d": "", "\u200c": ""}


def is_odia(text: str) -> bool:
    """Is any letter of it Odia?"""
    return any("\u0b00" <= letter <= "\u0b7f" for letter in text)


def romanized(text: str) -> str:
    """Each word with a capital. Letters of other scripts stay as they are."""
    return " ".join(_word(word).capitalize() for word in text.split())


def _word(word: str) -> str:
    out: list[str] = []
    open_vowel = False  # the last consonant still has its own a
    for letter in word:
        if letter in _SIGNS:
            out.append(_SIGNS[letter])
            open_vowel = False
        elif letter == _VIRAMA:
            open_vowel = False
        elif letter in _OTHER:
            if open_vowel and _OTHER[letter]:
                out.append("a")
                open_vowel = False
            out.append(_OTHER[letter])
        else:
            out.append("a" * open_vowel + (_CONSONANTS.get(letter) or _VOWELS.get(letter) or letter))
            open_vowel = letter in _CONSONANTS
    written = "".join(out)
    return written + "a" * (open_vowel and not set(written) & set("aeiou"))
