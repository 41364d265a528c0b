"""The engines that run a network: OpenVINO on a CPU, torch on a GPU host."""
