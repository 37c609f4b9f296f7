"""The article's network: fully connected, LSTM, fully connected.

Used by chapter 6 for prediction and for bandits alike.
"""

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

State = tuple[Tensor, Tensor]  # the LSTM's hidden and cell state, (1, episodes, width)


class Network(nn.Module):
    """Reads one observation a step and puts out a prediction, or odds of an arm.

    Inputs and outputs have shape (steps, episodes, features). Without memory every
    step starts from an empty LSTM and sees nothing but the observation before it.
    """

    def __init__(self, inputs: int, outputs: int, width: int = 32, memory: bool = True) -> None:
        super().__init__()
        self.read = nn.Linear(inputs, width)
        self.remember = nn.LSTM(width, width)
        self.say = nn.Linear(width, outputs)
        self.memory = memory

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        hidden, state = self.listen(x, state)
        return self.say(hidden), state

    def listen(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The LSTM's hidden states (steps, episodes, width), and where it ended."""
        features = torch.relu(self.read(x))
        if self.memory:
            return self.remember(features, state)
        alone = features.reshape(1, -1, features.shape[-1])
        hidden, (h, c) = self.remember(alone)
        last = slice(-x.shape[1], None)  # of the last step
        return hidden.reshape(*x.shape[:2], -1), (h[:, last], c[:, last])

    def trace(self, x: Tensor) -> Tensor:
        """Hidden and cell state side by side at every step: (steps, episodes, 2 * width)."""
        states, state = [], None
        for step in x:
            _, state = self.listen(step.unsqueeze(0), state)
            states.append(torch.cat(state, dim=-1))
        return torch.cat(states)


def schedule_for(adam: torch.optim.Adam, updates: int, constant: bool = False) -> LRScheduler:
    """The learning rate rises over the first 2 % of the updates, then falls to 0.

    Or it stays what it is.
    """
    if constant:
        return ConstantLR(adam, factor=1.0)
    peak = adam.param_groups[0]["lr"]
    return OneCycleLR(adam, peak, updates + 1, pct_start=0.02, cycle_momentum=False)
