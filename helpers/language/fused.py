"""Two steps of training with their derivatives written by hand, to spare passes over memory.

Both equal what torch's own functions give and only cost less; tests/language/test_fused.py
compares them, benchmarks/language.py says what they save. Used by helpers/language/gpt_neo.py.
"""

import math

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

ROWS = 256  # of logits at a time: a few megabytes, which the processor's cache can hold


class HeadLoss(torch.autograd.Function):
    """Mean cross-entropy of `x @ weight.T` against the targets: (tokens, d), (V, d), (tokens,).

    The logits of a large vocabulary are the largest array of a training step by far. Here
    they exist for `ROWS` tokens at a time and are used at once: softmax in place, minus
    one at the target, is their derivative (times the number of tokens).
    """

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        to_x, to_weight = torch.empty_like(x), torch.zeros_like(weight)
        total = x.new_zeros(())
        for start in range(0, len(x), ROWS):
            rows = slice(start, start + ROWS)
            wanted = targets[rows, None]
            logits = x[rows] @ weight.T
            odds = torch.softmax(logits, -1, out=logits)
            # A token with odds below the smallest number counts as having that.
            total -= odds.gather(1, wanted).clamp_min(torch.finfo(x.dtype).tiny).log().sum()
            odds.scatter_add_(1, wanted, odds.new_full(wanted.shape, -1.0))
            torch.mm(odds, weight, out=to_x[rows])
            to_weight.addmm_(odds.T, x[rows])
        ctx.save_for_backward(to_x, to_weight)
        return total / len(x)

    @staticmethod
    @once_differentiable
    def backward(ctx, slope: Tensor) -> tuple[Tensor, Tensor, None]:
        to_x, to_weight = ctx.saved_tensors
        share = slope / len(to_x)
        return to_x * share, to_weight * share, None


class TanhGelu(torch.autograd.Function):
    """GELU by its tanh formula, x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³).

    The same is x σ(2u), and the logistic function σ is computed six times faster than
    tanh.
    """

    LINEAR = math.sqrt(8 / math.pi)  # 2u = LINEAR x + CUBIC x³
    CUBIC = 0.044715 * LINEAR

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        square = x * x
        share = square.mul(TanhGelu.CUBIC).add_(TanhGelu.LINEAR).mul_(x).sigmoid_()
        if ctx.needs_input_grad[0]:
            # σ + σ (1 - σ) x d(2u)/dx, in place: new arrays cost more than arithmetic.
            slope = square.mul_(3 * TanhGelu.CUBIC).add_(TanhGelu.LINEAR).mul_(x)
            slope.addcmul_(slope, share, value=-1).add_(1).mul_(share)
            ctx.save_for_backward(slope)
        return share.mul_(x)

    @staticmethod
    @once_differentiable
    def backward(ctx, slope: Tensor) -> Tensor:
        return slope * ctx.saved_tensors[0]
