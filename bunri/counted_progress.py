"""A bar on stderr for work that finds out on its way how much there is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def counted_progress(label: str, *, is_quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yields what is told how much is done, and of how much; hidden where nobody looks, or where asked for."""
    hidden = is_quiet or not sys.stderr.isatty()
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=hidden, show_pos=True) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield progress
