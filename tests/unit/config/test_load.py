"""Settings from TOML, and the example made of them."""

import tomllib
from typing import Annotated

import msgspec
import pytest

from odcore.config.explain import count, example
from odcore.config.load import convert, load
from odcore.config.types import Duration, HostPort, Size
from odcore.errors import Fault, Kind
from odsuite.settings import Settings


class Inner(msgspec.Struct, frozen=True):
    """What is inside."""

    size: Annotated[Size, msgspec.Meta(description="How much.")] = Size(50 << 20)
    listen: Annotated[tuple[HostPort, ...], msgspec.Meta(description="Where.")] = (HostPort("*:25"),)
    relay: Annotated[HostPort | None, msgspec.Meta(description="Through whom.")] = None


class Outer(msgspec.Struct, frozen=True):
    data: Annotated[str, msgspec.Meta(description="The folder.")] = "/var"
    wait: Annotated[Duration, msgspec.Meta(description="How long.")] = Duration(30)
    inner: Inner = Inner()


def fault_of(table) -> str:
    with pytest.raises(Fault) as caught:
        convert(table, Outer, "a.toml")
    assert caught.value.kind is Kind.BAD_REQUEST
    return caught.value.text


def test_values_arrive_with_their_types():
    settings = convert({"wait": "2 min", "inner": {"size": "3 KiB", "listen": ["[::1]:3"], "relay": "a:1"}}, Outer, "x")
    assert settings.wait == 120
    assert settings.inner.size == 3072
    assert settings.inner.listen[0].host == "::1"
    assert settings.inner.relay is not None
    assert settings.inner.relay.port == 1


def test_an_unknown_setting_is_refused_by_its_path_and_a_near_name_is_offered():
    assert fault_of({"inner": {"sise": 1}}) == "a.toml: inner.sise: no such setting; did you mean inner.size?"


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"data": 3}, "data"),
        ({"inner": {"size": "3 QB"}}, "inner.size"),
        ({"inner": {"listen": ["x"]}}, "inner.listen[0]"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(table, path):
    assert fault_of(table).startswith(f"a.toml: {path}: ")


@pytest.mark.parametrize("path", ["filter.trusted", "identity.refused_networks", "subscriptions.networks"])
def test_what_is_no_network_is_told_before_anything_starts(path):
    section, name = path.split(".")
    with pytest.raises(Fault, match=rf"a\.toml: {path}\[1\]: expected a network"):
        convert({section: {name: ["10.0.0.0/8", "10.0.0.0/33"]}}, Settings, "a.toml")


def test_broken_toml_names_file_and_line(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("data = \n")
    with pytest.raises(Fault) as caught:
        load(path, Outer)
    assert str(path) in caught.value.text
    assert "line 1" in caught.value.text


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(Fault) as caught:
        load(tmp_path / "none.toml", Outer)
    assert caught.value.kind is Kind.NOT_FOUND


def test_the_example_with_every_comment_sign_taken_off_is_the_defaults():
    text = "\n".join(
        line.removeprefix("#") for line in example(Outer).splitlines() if not line.startswith(("# ", "#relay"))
    )
    assert convert(tomllib.loads(text), Outer, "example") == Outer()


def test_given_values_stand_in_the_example_uncommented():
    text = example(Outer, {"inner.size": Size(5 << 20)})
    assert convert(tomllib.loads(text), Outer, "example").inner.size == 5 << 20


def test_each_setting_counts_once():
    assert count(Outer) == 5
