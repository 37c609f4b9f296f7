"""Derivatives by hand against torch's own functions and against finite differences."""

import pytest
import torch
from torch.autograd import gradcheck
from torch.nn import functional as F

from helpers.language import fused
from helpers.language.fused import HeadLoss, TanhGelu


def draw(*shape: int, dtype: torch.dtype = torch.float32, scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    drawn = torch.randn(*shape, generator=generator, dtype=torch.float64) * scale
    return drawn.to(dtype).requires_grad_()


@pytest.mark.parametrize("tokens", [1, 5, fused.ROWS, fused.ROWS + 3])
def test_the_loss_is_torchs_cross_entropy(tokens):
    x, weight = draw(tokens, 24), draw(301, 24, scale=0.3)
    targets = torch.arange(tokens) % 301
    mine = HeadLoss.apply(x, weight, targets)
    grads = torch.autograd.grad(3 * mine, (x, weight))
    theirs = F.cross_entropy(x @ weight.T, targets)
    torch.testing.assert_close(mine, theirs)
    expected = torch.autograd.grad(3 * theirs, (x, weight))
    torch.testing.assert_close(grads, expected, atol=1e-6, rtol=1e-4)


def test_the_loss_has_the_slopes_of_finite_differences(monkeypatch):
    monkeypatch.setattr(fused, "ROWS", 4)
    x, weight = draw(7, 3, dtype=torch.float64), draw(5, 3, dtype=torch.float64)
    targets = torch.tensor([0, 4, 1, 1, 2, 3, 0])
    assert gradcheck(lambda x, weight: HeadLoss.apply(x, weight, targets), (x, weight))


def test_the_loss_stays_finite_where_odds_vanish():
    x, weight = torch.tensor([[300.0]]), torch.tensor([[1.0], [-1.0]])
    loss = HeadLoss.apply(x, weight, torch.tensor([1]))
    assert 80 < loss < float("inf")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gelu_is_torchs(dtype):
    x = torch.cat([draw(1_000, dtype=dtype), draw(99, dtype=dtype, scale=10)]).detach()
    x = torch.cat([x, x.new_tensor([0.0, -100.0, 100.0])]).requires_grad_()
    mine, theirs = TanhGelu.apply(x), F.gelu(x, approximate="tanh")
    torch.testing.assert_close(mine, theirs, atol=2e-6, rtol=1e-5)
    slopes = [torch.autograd.grad(y.square().sum(), x)[0] for y in (mine, theirs)]
    torch.testing.assert_close(*slopes, atol=1e-5, rtol=1e-4)


def test_gelu_has_the_slopes_of_finite_differences():
    assert gradcheck(TanhGelu.apply, draw(40, dtype=torch.float64, scale=2))
