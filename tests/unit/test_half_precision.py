"""A processor that only imitates bfloat16 is not asked for it."""

import pytest
import torch

from training.half_precision import half_where_fast


@pytest.mark.parametrize(("knows", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_processor_computes_in_what_it_is_fast_in(
    knows: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: knows)
    with half_where_fast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is dtype
