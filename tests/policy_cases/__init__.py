"""Cases that a policy officer can read."""

from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FOREIGN = Path(__file__).resolve().parent / "foreign"
