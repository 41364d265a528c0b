"""The inference host over many processes and machines: Ray Serve runs the replicas, the host's routes stay before them.

The only place that imports ray: ``calls``, ``deployments``, ``ray_node`` and ``watching``. The others do without it.
"""

from inference.cluster.environment import keep_ray_quiet

keep_ray_quiet()
