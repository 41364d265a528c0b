"""``bunri cluster``: the inference host over replicas."""

from pathlib import Path

import click

from bunri.cluster_settings import read_cluster_file
from bunri.extras import needs_extra
from bunri.failures import read_settings
from inference.cluster.environment import lock_own_ray


@click.command("cluster")
@click.option("--config", type=click.Path(path_type=Path), help="file that says how many replicas there are")
@click.option("--address", help="a Ray to join, host:port or auto; one of this machine's own is started without it")
@click.option("--deploy/--no-deploy", default=True, help="start and renew replicas, or ask those that are there")
@click.option("--host", help="address to listen on; the setting when not given")
@click.option("--port", type=click.IntRange(0, 65_535), help="port; 0 takes a free one")
def command(config: Path | None, address: str | None, deploy: bool, host: str | None, port: int | None) -> None:
    """Answer like `bunri serve`, with replicas in many processes and on many machines (needs the extra [cluster]).

    Replicas are started, scaled by what waits, and replaced when they die, by Ray Serve. Until SIGTERM or Ctrl+C.
    """
    if host == "":
        raise click.BadParameter("an empty address would listen to everybody", param_hint="--host")
    if not deploy and address is None:
        raise click.UsageError("--no-deploy needs --address: in a Ray of its own there are no replicas")
    settings = read_settings()
    cluster = read_cluster_file(config)
    if address is None:
        lock_own_ray()
    try:
        from bunri.clustering import serve_cluster
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "ray":
            raise
        raise click.ClickException(needs_extra("ray is missing", "cluster")) from error
    chosen = {"host": host, "port": port}
    serve = settings.serve.model_copy(update={key: value for key, value in chosen.items() if value is not None})
    serve_cluster(settings.model_copy(update={"serve": serve}), cluster, address=address, deploys=deploy)
