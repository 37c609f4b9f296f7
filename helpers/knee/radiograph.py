"""Films of knees whose every property is known: Beer–Lambert's law through analytic bones.

Chapter 2. Lengths are millimetres, so a knee can be drawn at any resolution. In *bone
coordinates* u points to the outer (lateral) side, v to the foot, and (0, 0) lies on the
shin's plateau between the two compartments. Every knee is drawn as if it were a left one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, grid_sample, pad, softplus

FIELD = 104.0  # side of the film
# Attenuation per millimetre at about 60 keV, in excess of soft tissue for the two bones.
SOFT, CORTICAL, TRABECULAR = 0.0205, 0.052, 0.0120
SHELL = 1.3  # thickness of the cortical shell
PHOTONS = 8e5  # per square millimetre, before the knee
POINT_SPREAD = 0.2  # standard deviation, focal spot and detector together
BLACK, SPAN = 1.5, 2.2  # film: attenuation shown black, and from black to white
LEAD = 245  # grey of a lead marker
COMPARTMENT = 21.0  # |u| of the middle of either compartment
PERIOD = 128.0  # after which the trabecular pattern repeats
PIXELS_AT_ONCE = 2**16  # so that a chunk stays in the processor's cache

NUISANCE = (
    "size", "magnification", "condyle", "x", "y", "angle", "sharpness", "girth", "gain", "offset"
)  # fmt: skip
GRADED = (
    "jsw_medial", "jsw_lateral", "osteophyte_femur_medial", "osteophyte_femur_lateral",
    "osteophyte_tibia_medial", "osteophyte_tibia_lateral", "sclerosis_medial",
    "sclerosis_lateral",
)  # fmt: skip
UNGRADED = ("texture", "marrow", "rim")
LATENTS = (*NUISANCE, *GRADED, *UNGRADED)
TYPICAL = dict.fromkeys(LATENTS, 0.0) | {
    "size": 1.0, "magnification": 1.0, "condyle": 1.0, "sharpness": 5.0, "girth": 62.0,
    "gain": 1.0, "jsw_medial": 4.8, "jsw_lateral": 5.6,
}  # fmt: skip


@dataclass(frozen=True)
class Knees:
    """What a film shows, knee by knee, and the seed of each film's own noise.

    Any latent can be moved while the noise stays: `knees.moved("texture", 1.0)`.
    """

    values: np.ndarray  # (n, len(LATENTS)); films are computed in its precision
    noise: np.ndarray  # (n,) int, one seed a film

    @classmethod
    def typical(cls, count: int, seed: int = 0, **latents: float | np.ndarray) -> "Knees":
        """Healthy knees of middling size, but for the latents that are given."""
        unknown = set(latents) - set(LATENTS)
        if unknown:
            raise ValueError(f"unknown latent {unknown.pop()!r}: choose of {', '.join(LATENTS)}")
        columns = [np.broadcast_to(latents.get(k, TYPICAL[k]), count) for k in LATENTS]
        return cls(np.stack(columns, 1).astype(np.float32), seed + np.arange(count))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, latent: str) -> np.ndarray:
        return self.values[:, LATENTS.index(latent)]

    def moved(self, latent: str, by: float | np.ndarray) -> "Knees":
        """The same knees and the same noise, with one latent changed."""
        values = self.values.copy()
        values[:, LATENTS.index(latent)] += by
        return Knees(values, self.noise)

    def take(self, rows: np.ndarray | slice) -> "Knees":
        return Knees(self.values[rows], self.noise[rows])


def render(knees: Knees, px: int) -> np.ndarray:
    """Films as bytes, (n, px, px), bright where little light came through.

    Beer–Lambert: of I₀ photons exp(−A) I₀ arrive, give or take their square root, where A
    is the attenuation summed along the ray. The film shows log(I₀/I), as digital ones do.
    """
    photons = PHOTONS * (FIELD / px) ** 2
    films = np.empty((len(knees), px, px), np.uint8)
    for rows, part in _chunks(knees, px):
        latent = _columns(part)
        offsets, grain = _noise(part.noise, px)
        arrived = blur(torch.exp(-_attenuation(latent, offsets, px)), POINT_SPREAD * px / FIELD)
        arrived += torch.sqrt(arrived / photons) * grain
        shown = -torch.log(arrived.clamp_(min=1e-4))
        grey = (shown - BLACK) * latent["gain"] / SPAN + latent["offset"]
        films[rows] = (255 * grey).round_().clamp_(0, 255).to(torch.uint8).numpy()
    return films


def attenuation(knees: Knees, px: int) -> np.ndarray:
    """A without noise or blur, (n, px, px): what `render` puts on film."""
    return np.concatenate(
        [
            _attenuation(_columns(part), _noise(part.noise, px)[0], px).numpy()
            for _, part in _chunks(knees, px)
        ]
    )


def footprints(knees: Knees, latent: str, by: float, px: int) -> np.ndarray:
    """Where on the film, and by how much, one latent shows: the change of A, (n, px, px)."""
    return attenuation(knees.moved(latent, by), px) - attenuation(knees, px)


def stamp(films: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Films with a lead marker in the upper left corner of those in the mask `which`.

    Lead lets no ray through, so nothing else needs to be rendered again.
    """
    marked, px = films.copy(), films.shape[-1]
    near, far = round(px * 4 / FIELD), round(px * 13 / FIELD)
    marked[which, near:far, near:far] = LEAD
    return marked


def chord(depth: Tensor, radius: Tensor | float) -> Tensor:
    """Length of the ray `depth` inside the outline of a round bar, over the bar's diameter.

    For a cylinder of this radius it is exact; deeper than the radius it stays 1.
    """
    rest = 1 - (depth / radius).clamp(0, 1)
    return torch.sqrt(1 - rest * rest)


def solid(
    side: Tensor, end: Tensor | None, radius: float, edge: Tensor | float = 1.0
) -> tuple[Tensor, Tensor]:
    """Shell and core of a bone along the ray, over its thickness.

    `side` is how far the ray is inside the rounded outline, `end` how far inside a joint
    surface, whose edge is sharper: it has the radius `edge`. The shell is what the whole
    bone has and the same bone, smaller by SHELL all round, has not.
    """
    whole, core = chord(side, radius), chord(side - SHELL, radius - SHELL)
    if end is not None:
        whole *= chord(end, edge)
        core *= chord(end - SHELL, edge)
    return whole - core, core


def blur(image: Tensor, sigma: float) -> Tensor:
    """Gaussian blur, sigma in pixels, of (n, px, px); rows first, then columns."""
    reach = int(np.ceil(3 * sigma - 0.5))
    if reach < 1:
        return image
    place = torch.arange(-reach, reach + 1, dtype=image.dtype)
    weights = torch.exp(-0.5 * (place / sigma) ** 2)
    weights = (weights / weights.sum()).view(1, 1, 1, -1)
    image = conv2d(pad(image[:, None], [reach] * 4, mode="replicate"), weights)
    return conv2d(image, weights.transpose(2, 3))[:, 0]


def _attenuation(latent: dict[str, Tensor], offsets: Tensor, px: int) -> Tensor:
    """The sum of soft tissue, femur, tibia, fibula and patella along every ray."""
    mm = FIELD / px
    x = (torch.arange(px) + 0.5) * mm - FIELD / 2
    u, v = _bone_coordinates(latent, x)
    trabeculae = _trabeculae(u, v, offsets, mm)

    def soft(distance: Tensor) -> Tensor:
        """Distance inside, averaged over a pixel: outlines fade in instead of stepping."""
        across = (distance + mm / 2).clamp(0, mm)
        return across * across / (2 * mm) + (distance - mm / 2).clamp(min=0)

    total = _soft_tissue(latent, x)
    for shell, core in (
        _femur(latent, u, v, soft),
        _tibia(latent, u, v, soft, trabeculae[:, 1]),
        _fibula(u, v, soft),
        _patella(latent, u, v, soft),
    ):
        total = total + CORTICAL * shell + TRABECULAR * core * (1 + 0.15 * trabeculae[:, 0])
    return total


def _bone_coordinates(latent: dict[str, Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Where every pixel lies in the bones' own frame, (n, px, px) twice."""
    scale = latent["size"] * latent["magnification"]
    cos, sin = torch.cos(latent["angle"]) / scale, torch.sin(latent["angle"]) / scale
    across, down = x[None, None, :] - latent["x"], x[None, :, None] - latent["y"] - 4
    return across * cos + down * sin, down * cos - across * sin


def _soft_tissue(latent: dict[str, Tensor], x: Tensor) -> Tensor:
    """A rounded bar, `girth` half wide, that fills the film but for the skin's edge."""
    share = 1 - ((x[None, None, :] - latent["x"]) / latent["girth"]) ** 4
    return SOFT * (0.8 * latent["girth"] + 56) * torch.sqrt(share.clamp(min=1e-4))


def _femur(latent: dict[str, Tensor], u: Tensor, v: Tensor, soft) -> tuple[Tensor, Tensor]:
    """Two condyles with a notch between them, behind a body that runs up into the shaft."""
    across = u.abs()
    half = 19 + 20.5 * torch.sigmoid((v + 44) / 5.5)
    side = 0.87 * (half - across)
    bottom = -_by_side(latent, "jsw_{}", u) / latent["size"]
    wide = 19.5 * latent["condyle"]
    first = ((across - (39.5 - wide)) / wide) ** 2
    second = ((v - bottom + 20).clamp(min=0) / 20) ** 2
    # Between an ellipse and a rectangle: condyles are flatter below than a circle.
    round_ = (1 - torch.sqrt(torch.sqrt(first * first + second * second + first * second))) * 20
    above = -22 - v
    notch = torch.sqrt((u - 1) ** 2 + (v + 15).clamp(max=0) ** 2) - 9
    condyles = torch.minimum(torch.minimum(torch.maximum(round_, above), side), notch)
    length = _by_side(latent, "osteophyte_femur_{}", u) / latent["size"]
    spurs = _spurs(length, across - 35.5, v - bottom + 7)
    shell, core = solid(soft(torch.maximum(condyles, spurs)), None, 9.0)
    front_shell, front_core = solid(soft(side), None, 9.0)
    fading = ((-13 - v) / 18).clamp(0, 1)  # the groove for the patella has no edge to be seen
    return 26 * shell + 13 * front_shell * fading, 26 * core + 13 * front_core * fading


def _tibia(
    latent: dict[str, Tensor], u: Tensor, v: Tensor, soft, bands: Tensor
) -> tuple[Tensor, Tensor]:
    """A plateau with two spines on a shaft; below it two of the causes nobody grades."""
    across = u.abs()
    away = ((across - COMPARTMENT) / 17) ** 2
    spines = 6.5 / (1 + ((u + 5) / 3.2) ** 2) ** 2 + 5.5 / (1 + ((u - 5.5) / 3.2) ** 2) ** 2
    depth = v + spines + 1.3 * away.clamp(max=1)  # both compartments are shallow dishes
    half = 22 + 17.5 * torch.sigmoid((24 - v) / 8) - 3 * (1 - depth / 5).clamp(0, 1) ** 2
    length = _by_side(latent, "osteophyte_tibia_{}", u) / latent["size"]
    spurs = _spurs(length, across - 36, v - 1)
    side, end = torch.maximum(half - across, spurs), torch.maximum(depth, spurs)
    shell, core = solid(soft(side), soft(end), 9.0, latent["sharpness"])
    hard = _by_side(latent, "sclerosis_{}", u)
    below = (1 - ((depth - 3) / 7) ** 2).clamp(min=0)
    shell = 36 * shell + (5 * hard) * (1 - away).clamp(min=0) * below * core
    zone = (1 - ((v - 13) / 13) ** 2).clamp(min=0)
    change = 0.24 * softplus(latent["texture"]) * bands + 0.16 * latent["marrow"]
    return shell, 36 * core * (1 + zone * change)


def _fibula(u: Tensor, v: Tensor, soft) -> tuple[Tensor, Tensor]:
    """A round bar with a round head, half behind the tibia's outer edge."""
    radius = 5.5 + 3.5 * torch.sigmoid((24 - v) / 3)
    inside = radius - torch.sqrt((u - 33) ** 2 + (v - 20).clamp(max=0) ** 2)
    shell, core = solid(soft(inside), None, 6.0)
    return 13 * shell, 13 * core


def _patella(latent: dict[str, Tensor], u: Tensor, v: Tensor, soft) -> tuple[Tensor, Tensor]:
    """A shield in front of the femur, with the third ungraded cause along its rim."""
    ratio = torch.sqrt((u / 20) ** 2 + ((v + 32) / 19) ** 2 + 1e-6)
    shell, core = solid(soft((1 - ratio) * 19), None, 19.0)
    rim = (1 - ((ratio - 0.95) / 0.16) ** 2).clamp(min=0)
    return 13 * shell + 2.2 * softplus(latent["rim"]) * rim, 13 * core


def _spurs(length: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """How far inside an osteophyte: a lip on the margin, 1.5 times as long as `length`."""
    return 0.75 * length - torch.sqrt((0.5 * across) ** 2 + down**2)


def _by_side(latent: dict[str, Tensor], name: str, u: Tensor) -> Tensor:
    """The inner or the outer compartment's latent, whichever a pixel belongs to."""
    return torch.where(u < 0, latent[name.format("medial")], latent[name.format("lateral")])


def _trabeculae(u: Tensor, v: Tensor, offsets: Tensor, mm: float) -> Tensor:
    """The two patterns of `_pattern` at every pixel, each film somewhere else in them."""
    where = torch.stack((u + offsets[:, :1, None], v + offsets[:, 1:, None]), -1)
    where = 2 * torch.remainder(where / PERIOD, 1) - 1
    # Twice the film's resolution, so that reading between the points costs no contrast.
    pattern = _pattern(max(16, round(2 * PERIOD / mm)))
    several = pattern.to(where.dtype).expand(len(u), -1, -1, -1)
    return grid_sample(several, where, align_corners=True)


@cache
def _pattern(points: int) -> Tensor:
    """Periodic random fields of unit variance, (1, 2, points+1, points+1).

    The first falls off as 1/f between waves of 12 and 1 mm, stretched along the leg; the
    second is a weave of bands across it, 7 mm apart. One fixed set of Fourier modes, of
    which a coarse film simply gets fewer: the same knee at any resolution.
    """
    modes = 128  # in each direction, or 1 a millimetre
    rng = np.random.default_rng(1957)
    white = rng.standard_normal((2, 2 * modes, 2 * modes, 2)) @ [1, 1j]
    wave = np.fft.fftfreq(2 * modes, PERIOD / (2 * modes))
    down, across = np.meshgrid(wave, wave, indexing="ij")
    frequency = np.hypot(across, 1.6 * down)
    falling = (frequency > 1 / 12) * (frequency < 1) / np.maximum(frequency, 1e-9)
    banded = np.exp(-(((np.abs(down) - 1 / 7) / 0.05) ** 2) - (across / 0.07) ** 2)
    spectrum = white * np.stack((falling, banded))
    spectrum /= np.sqrt(2 * (np.abs(spectrum) ** 2).mean((1, 2), keepdims=True)) * 2 * modes
    kept = min(modes, (points - 1) // 2)
    index = np.r_[0 : kept + 1, -kept:0]
    padded = np.zeros((2, points, points), complex)
    padded[:, index[:, None], index] = spectrum[:, index[:, None], index]
    fields = 2 * (np.fft.ifft2(padded) * points**2).real
    closed = np.pad(fields, [(0, 0), (0, 1), (0, 1)], mode="wrap")
    return torch.from_numpy(closed.astype(np.float32))[None]


def _chunks(knees: Knees, px: int) -> Iterator[tuple[slice, Knees]]:
    size = max(1, PIXELS_AT_ONCE // px**2)
    for start in range(0, len(knees), size):
        rows = slice(start, start + size)
        yield rows, knees.take(rows)


def _columns(knees: Knees) -> dict[str, Tensor]:
    values = torch.from_numpy(knees.values)[:, :, None, None]
    return {name: values[:, column] for column, name in enumerate(LATENTS)}


def _noise(seeds: np.ndarray, px: int) -> tuple[Tensor, Tensor]:
    """Each film's place in the trabecular pattern (n, 2) and its grain (n, px, px)."""
    offsets = np.empty((len(seeds), 2), np.float32)
    grain = np.empty((len(seeds), px, px), np.float32)
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        offsets[row] = rng.uniform(0, PERIOD, 2)
        rng.standard_normal(out=grain[row], dtype=np.float32)
    return torch.from_numpy(offsets), torch.from_numpy(grain)
