"""Keeps the last port of a replica away from the network."""


def stay_on_loopback() -> None:
    """For a replica of a Ray on this machine alone, before it listens.

    Ray Serve opens a port in every replica for calls between deployments, which Bunri does not make, on all addresses
    whatever the node's own is. There is no setting for it, so the function that opens it is replaced.
    """
    from ray.serve._private import replica

    opens = getattr(replica, "add_port_to_grpc_server", None)
    if opens is not None:
        replica.add_port_to_grpc_server = lambda server, address: opens(server, address.replace("[::]", "127.0.0.1"))
