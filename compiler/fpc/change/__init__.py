"""What a change of specs means: two models in, a `Plan` out. Pure: no clock, no git, no data."""

from fpc.change.compare import compare as compare
from fpc.change.nodes import Plan as Plan
