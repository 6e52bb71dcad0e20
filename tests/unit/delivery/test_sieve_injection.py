"""A12: no script and no letter puts a header field of its own into what a script writes or sends."""

import pytest

from odtest.filters import LETTER, deliver, post_room
from odtest.postroom import BIBHU, SASMITA

REQUIRE = (
    'require ["editheader", "variables", "vacation", "reject", "enotify", "fileinto", "mailbox", "copy",'
    ' "encoded-character"]; '
)
EVIL = "a${hex: 0d 0a}Evil: 1"
WORD = b"=?utf-8?q?a=0D=0AEvil=3A_1?="
TRICKY = LETTER.replace(b"Anjali", WORD).replace(b"hello", WORD).replace(b"<1@peer", b"<1@peer\r\n\tEvil: 1.peer")


@pytest.mark.parametrize(
    "commands",
    [
        f'addheader "X-A" "{EVIL}";',
        f'addheader :last "X-A" "{EVIL}";',
        f'addheader "{EVIL}" "x";',
        f'set "n" "{EVIL}"; addheader "X-A" "${{n}}";',
        'if header :matches "Subject" "*" { addheader "X-A" "${1}"; }',
        f'vacation :subject "{EVIL}" "x";',
        f'vacation :handle "{EVIL}" "x";',
        'vacation "x";',
        f'reject "{EVIL}";',
        f'notify :message "{EVIL}" "mailto:{BIBHU.address}";',
        f'if header :matches "From" "*" {{ notify :message "${{1}}" "mailto:{BIBHU.address}"; }}',
        f'notify "mailto:{BIBHU.address}?subject=a%0d%0aEvil:%201&x-b=a%0d%0aEvil:%201&evil=1%0d%0aEvil:%201";',
        f'fileinto :create "{EVIL}";',
        f'redirect :copy "{BIBHU.address}";',
    ],
)
def test_no_field_is_smuggled_in(tmp_path, commands):
    room = post_room(tmp_path)
    deliver(room, REQUIRE + commands, TRICKY)
    written = [*room.messages(SASMITA), *room.messages(BIBHU), *(octets for _, octets in room.peers.got)]
    room.close()
    assert written
    for octets in written:
        lines = octets.partition(b"\r\n\r\n")[0].replace(b"\r", b"\n").splitlines()
        assert not [line for line in lines if line.lower().startswith(b"evil")]
