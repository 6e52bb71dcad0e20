"""What is kept has a bound, and the least recently used goes first."""

from odcore.kept import Kept


def test_the_least_recently_used_goes():
    kept = Kept(5000)
    for number in range(3):
        kept.put(number, f"value {number}", 1000)
    assert kept.get(0) == "value 0"
    kept.put(3, "value 3", 1000)
    assert [kept.get(number) for number in range(4)] == ["value 0", None, "value 2", "value 3"]


def test_what_would_push_out_nearly_all_is_not_kept():
    kept = Kept(5000)
    kept.put("small", 1, 100)
    kept.put("large", 2, 3000)
    assert (kept.get("small"), kept.get("large")) == (1, None)


def test_a_new_value_takes_the_place_of_the_old():
    kept = Kept(5000)
    for number in range(100):
        kept.put("same", number, 1500)
    assert kept.get("same") == 99
