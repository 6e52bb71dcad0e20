"""docs/man/odmail.1 is what the help texts of the commands make; `--write` writes it anew."""

import sys
from pathlib import Path

import click

from odsuite.cli.main import cli

PAGE = Path(__file__).resolve().parents[2] / "docs" / "man" / "odmail.1"

HEAD = """\
.\\" Made by scripts/checks/manual.py --write from the help texts of the commands; not edited by hand.
.TH ODMAIL 1
.SH NAME
odmail \\- mail and groupware on one directory
.SH SYNOPSIS
.B odmail
[\\-\\-config \\fIFILE\\fR] \\fICOMMAND\\fR ...
.SH OPTIONS
"""

TAIL = """\
.SH EXIT STATUS
0 when all is well; 1 when what was asked is refused, with the reason on standard error; 2 when it was asked wrongly.
.SH FILES
/etc/odmail/odmail.toml, the configuration. /var/lib/odmail, all data.
"""


def quote(text: str) -> str:
    """Text as roff: no backslash, no dash that becomes a hyphen, no line that begins like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.splitlines())


def paragraphs(command: click.Command) -> str:
    """The help text, its paragraphs apart."""
    blocks = (command.help or "").replace("\b", "").strip().split("\n\n")
    return "\n.PP\n".join(quote(" ".join(block.split())) for block in blocks) + "\n"


def options(command: click.Command, context: click.Context) -> str:
    """One tagged paragraph for each option, `--help` apart."""
    found = [each.get_help_record(context) for each in command.get_params(context) if isinstance(each, click.Option)]
    records = [record for record in found if record and "--help" not in record[0]]
    if context.parent is not None:  # every command takes it; said once
        records = [record for record in records if not record[0].startswith("--config")]
    return "".join(f".TP\n.B {quote(name)}\n{quote(' '.join(text.split()))}\n" for name, text in records)


def section(command: click.Command, context: click.Context) -> str:
    """A command, or all commands of a group."""
    if isinstance(command, click.Group):
        parts = [f".SH {quote(context.command_path.upper())}\n{paragraphs(command)}"]
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                parts.append(section(child, click.Context(child, parent=context, info_name=name)))
        return "".join(parts)
    kind = "SS" if context.parent and context.parent.parent else "SH"
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    return f".{kind} {quote(usage)}\n{paragraphs(command)}{options(command, context)}"


def page() -> str:
    """The whole page."""
    top = click.Context(cli, info_name="odmail", terminal_width=1000, max_content_width=1000)
    parts = [HEAD, options(cli, top)]
    for name in cli.list_commands(top):
        child = cli.get_command(top, name)
        if child is not None:
            parts.append(section(child, click.Context(child, parent=top, info_name=name)))
    return "".join((*parts, TAIL))


def main() -> int:
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.name} is not what the commands say: scripts/checks/manual.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
