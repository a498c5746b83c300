"""The command line: reads what was asked and calls the part that does it. It decides nothing itself.

Parts are imported when they are called, so that `--help` is quick and a simulator never loads the service.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from permits.cli.commands import COMMANDS
from permits.demo.beside import join

ALONE = {"demo", "serve", "worker", "migrate", "simulate", "bench"}
"""Commands that never join a demonstration that runs here."""


def parser() -> argparse.ArgumentParser:
    """The reader of all commands, made from their table."""
    top = argparse.ArgumentParser(prog="permits", description="One Window: foreigners' work permits of a city.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    groups = {"": commands}
    for command in COMMANDS:
        group, _, word = command.words.rpartition(" ")
        if group not in groups:
            above = commands.add_parser(group, help=f"See `permits {group} --help`.")
            groups[group] = above.add_subparsers(required=True, metavar="COMMAND")
        one = groups[group].add_parser(word, help=command.help, description=command.help)
        one.set_defaults(target=command.target, first=command.words.partition(" ")[0])
        for each in command.options:
            one.add_argument(*each.names, **each.rules)
    return top


def target(name: str) -> Callable[..., int | None]:
    """The function that a command names."""
    module, _, function = name.partition(":")
    found: Callable[..., int | None] = getattr(import_module(module), function)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status, 0 only on success."""
    from permits.errors import Problem

    options = vars(parser().parse_args(arguments))
    if options.pop("first") not in ALONE:
        join()
    try:
        return target(options.pop("target"))(**options) or 0
    except Problem as problem:
        for sentence in (problem.detail, *(error.text for error in problem.errors)):
            print(f"{sentence.en} {sentence.zh}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
