"""The suite of Great Expectations over one view's measurements, its validation, and its page of Data Docs.

Imported by the worker alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import great_expectations as gx
import pandas as pd
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from fpc.contract.whole_file import PUBLIC, write_whole
from fpc.runtime.gate.question import Question

_STYLES: Final = Path(__file__).parent / "styles"
#: The page is a document: it loads nothing, runs nothing and sends nothing.
_POLICY: Final = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">"
)


def validate(question: Question) -> list[str]:
    """Validate, write the page, and return the labels of the expectations that are not met."""
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset(question.view)
    suite = gx.ExpectationSuite(name=question.view)
    for one in question.expected:
        suite.add_expectation(
            ExpectColumnMaxToBeBetween(
                column=one.label,
                min_value=one.low,
                max_value=one.high,
                severity=FailureSeverity.CRITICAL if one.stops else FailureSeverity.WARNING,
            )
        )
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=question.view,
            data=asset.add_batch_definition_whole_dataframe("measured"),
            suite=context.suites.add(suite),
        )
    )
    # As Python's own numbers: the page shows none that are NumPy's, whose text it does not understand.
    frame = pd.DataFrame({one.label: [float(one.value)] for one in question.expected}, dtype=object)
    result = definition.run(
        batch_parameters={"dataframe": frame},
        run_id=RunIdentifier(run_name=f"{question.view} as of {question.as_of}"),
    )
    write_whole(Path(question.page), _page(result), PUBLIC)
    met = {_label(found) for found in result.results if found.success}
    return [one.label for one in question.expected if one.label not in met]


def _label(found: ExpectationValidationResult) -> str:
    assert found.expectation_config is not None
    return str(found.expectation_config.kwargs["column"])


def _page(result: ExpectationSuiteValidationResult) -> str:
    view: Any = DefaultJinjaPageView(custom_styles_directory=str(_STYLES))  # has no types
    text = str(view.render(ValidationResultsPageRenderer().render(result)))
    before, head, after = text.partition("<head>")
    if not head:
        raise RuntimeError("Great Expectations renders a page without a head")
    return f"{before}{head}\n    {_POLICY}{after}"
