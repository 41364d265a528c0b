"""``bunri train compare``: several architectures on one task, from raw data to a report."""

from pathlib import Path

import click

from bunri.extras import needs_extra


@click.command("compare")
@click.argument("recipe")
@click.option("--data", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), help="the data root")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="run folder; runs/compare-NAME when unset"
)
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache"), show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(1), default=None, help="torch threads")
@click.option("--workers", type=click.IntRange(0), default=0, show_default=True, help="processes that prepare photos")
@click.option("--init", type=click.Choice(["scratch", "imagenet"]), help="first weights; the recipe's when unset")
@click.option("--architecture", "only", multiple=True, help="train this one alone; may be given again")
@click.option("--report-only", is_flag=True, help="make the report of what is there, and train nothing")
@click.option("--checkpoint-seconds", type=click.FloatRange(0), default=120.0, show_default=True)
@click.option("--fresh", is_flag=True, help="start over: deletes what was trained, or that of --architecture")
def command(
    recipe: str,
    root: Path | None,
    out: Path | None,
    cache: Path,
    device: str,
    threads: int | None,
    workers: int,
    init: str | None,
    only: tuple[str, ...],
    report_only: bool,
    checkpoint_seconds: float,
    fresh: bool,
) -> None:
    """Compare architectures on the task of RECIPE (a shipped recipe's name or a YAML file).

    A run that was stopped goes on when its command is given again.
    """
    from training.data_recipe import DataError

    try:
        import torch

        from training.comparison.recipe import load_task_recipe
        from training.comparison.report import write_report
        from training.comparison.run import CompareSettings, compare_architectures
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    if threads:
        torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        loaded = load_task_recipe(recipe)
        if init:
            loaded = loaded.model_copy(update={"init": init})
        folder = out or Path("runs") / f"compare-{loaded.name}"
        if report_only:
            click.echo(f"report: {write_report(folder)}")
            return
        if root is None:
            raise click.UsageError("--data is needed, except with --report-only")
        chosen = tuple(name for name in loaded.architectures if not only or name in only)
        unknown = set(only) - set(chosen)
        if unknown:
            raise DataError(f"recipe {loaded.name} does not train {', '.join(sorted(unknown))}")
        settings = CompareSettings(
            folder, cache, chosen, device, workers, checkpoint_seconds, fresh=fresh, report=click.echo
        )
        click.echo(f"report: {compare_architectures(loaded, root, settings)}")
    except DataError as error:
        raise click.ClickException(str(error)) from error
