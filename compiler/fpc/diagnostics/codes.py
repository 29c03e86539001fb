"""Every code that a diagnostic can carry; each has a page that `fpc explain` prints.

A code never changes its meaning once released, and is never used again when its rule is gone. The first two digits
name the family: 01 YAML, 02 names and SQL, 03 windows, time and leakage, 04 tests and examples,
05 security, 06 versions and change, 07 services, 08 engines and what is not built yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A code, the name of its rule (the problem, kebab-case), and one line that says what is wrong.

    `lowerable`: what it is about can be compiled all the same, so that a repository may make its error less.
    """

    code: str
    name: str
    title: str
    lowerable: bool = False


YAML_SYNTAX: Final = Code("FPC0101", "yaml-syntax", "the file is not valid YAML")
UNREADABLE_FILE: Final = Code("FPC0102", "unreadable-file", "the file cannot be read, or is not UTF-8")
CONTROL_CHARACTER: Final = Code("FPC0103", "control-character", "the file holds a character that cannot be seen")
FILE_TOO_LARGE: Final = Code("FPC0104", "file-too-large", "the file is larger than 256 KB")
TOO_DEEP: Final = Code("FPC0105", "too-deep", "the YAML is nested more than 32 levels deep")
ANCHOR_OR_ALIAS: Final = Code("FPC0106", "anchor-or-alias", "anchors and aliases are not part of the spec language")
TAG: Final = Code("FPC0107", "yaml-tag", "tags are not part of the spec language")
DUPLICATE_KEY: Final = Code("FPC0108", "duplicate-key", "a mapping has the same key twice")
UNKNOWN_KIND: Final = Code("FPC0109", "unknown-kind", "a document does not name one known kind")
UNKNOWN_KEY: Final = Code("FPC0110", "unknown-key", "a key is not known here")
MISSING_KEY: Final = Code("FPC0111", "missing-key", "a key that is needed is missing")
WRONG_SHAPE: Final = Code("FPC0112", "wrong-shape", "a value has another shape than this key takes")
INVALID_NAME: Final = Code("FPC0113", "invalid-name", "a name is not lower-case letters, digits and underscores")
INVALID_VALUE: Final = Code("FPC0114", "invalid-value", "a value is not one of those that this key takes")
CONFLICTING_KEYS: Final = Code("FPC0115", "conflicting-keys", "two keys exclude each other")
NO_REPOSITORY: Final = Code("FPC0116", "no-repository", "there is no fpc.yml")
IGNORED_FILE: Final = Code("FPC0117", "ignored-file", "a file looks like a spec but is not read")

DUPLICATE_NAME: Final = Code("FPC0201", "duplicate-name", "two things of one kind have the same name")
UNKNOWN_NAME: Final = Code("FPC0202", "unknown-name", "a source, entity or service is not declared")
UNKNOWN_COLUMN: Final = Code("FPC0203", "unknown-column", "a column is not declared by the source")
SQL_SYNTAX: Final = Code("FPC0204", "sql-syntax", "the SQL cannot be parsed")
UNKNOWN_FUNCTION: Final = Code("FPC0205", "unknown-function", "a function is not among those that features may use")
UNSUPPORTED_AGGREGATE: Final = Code(
    "FPC0206", "unsupported-aggregate", "an aggregate function is not one of the platform's"
)
COLUMN_OUTSIDE_AGGREGATE: Final = Code(
    "FPC0207", "column-outside-aggregate", "a column stands beside aggregates instead of inside one"
)
NESTED_AGGREGATE: Final = Code("FPC0208", "nested-aggregate", "an aggregate stands inside another")
NO_AGGREGATE: Final = Code("FPC0209", "no-aggregate", "a feature's SQL has no aggregate")
NOT_AN_EXPRESSION: Final = Code("FPC0210", "not-an-expression", "the SQL is a query or a statement, not an expression")
SEVERAL_STATEMENTS: Final = Code("FPC0211", "several-statements", "the SQL holds more than one expression")
WINDOW_FUNCTION: Final = Code("FPC0212", "window-function", "a feature's SQL uses OVER")
AGGREGATE_NOT_ALLOWED: Final = Code("FPC0213", "aggregate-not-allowed", "an aggregate stands where rows are filtered")
TYPE_ERROR: Final = Code("FPC0214", "type-error", "the types of an expression do not fit")
AGGREGATE_ARGUMENT: Final = Code("FPC0215", "aggregate-argument", "an aggregate has arguments that it does not take")
NOT_BOOLEAN: Final = Code("FPC0216", "not-boolean", "a condition is not true or false")
UNSUPPORTED_TYPE: Final = Code("FPC0217", "unsupported-type", "a type is not one that features may have")
BAD_DEFAULT: Final = Code("FPC0218", "bad-default", "a default does not have the feature's type")
NOT_DETERMINISTIC: Final = Code("FPC0219", "not-deterministic", "a function gives another answer at each call")
DERIVED_CYCLE: Final = Code("FPC0220", "derived-cycle", "derived features depend on each other in a circle")
UNKNOWN_FEATURE: Final = Code("FPC0221", "unknown-feature", "a feature is not one of this view")
RESERVED_NAME: Final = Code("FPC0222", "reserved-name", "a name is taken by SQL or by the platform")
WINDOW_IN_NAME: Final = Code("FPC0223", "window-in-name", "`{window}` is missing from a name, or stands there in vain")
UNSUPPORTED_SYNTAX: Final = Code("FPC0224", "unsupported-syntax", "SQL syntax that features may not use")
KEY_MISMATCH: Final = Code("FPC0225", "key-mismatch", "entity keys and source columns do not fit")
UNKNOWN_AGGREGATION: Final = Code("FPC0226", "unknown-aggregation", "a function of a matrix is not known")
OTHER_TABLE: Final = Code("FPC0227", "other-table", "the SQL names another table than its own")
UNUSED_DECLARATION: Final = Code("FPC0228", "unused-declaration", "a source or entity is read by no feature view")
SAME_MEANING: Final = Code("FPC0229", "same-meaning", "two features have one meaning under two names")
MISSING_OWNER: Final = Code(
    "FPC0230", "missing-owner", "nobody answers for a source, entity, view, service or training set", lowerable=True
)
MISSING_DESCRIPTION: Final = Code("FPC0231", "missing-description", "a source, entity or view does not say what it is")
FLOAT_MONEY: Final = Code("FPC0232", "float-money", "money is summed in floating point")
COULD_BE_DERIVED: Final = Code("FPC0233", "could-be-derived", "a new feature could be had from features that are there")
NAME_PATTERN: Final = Code("FPC0234", "name-pattern", "a name is not as the repository's rules want it")
TAG_RULE: Final = Code("FPC0235", "tag-rule", "tags are not as the repository's rules want them")
SHORT_DESCRIPTION: Final = Code(
    "FPC0236", "short-description", "a description says less than the repository's rules want"
)

INVALID_DURATION: Final = Code("FPC0301", "invalid-duration", "a duration is not a whole number of s, m, h, d or w")
CLOCK_FUNCTION: Final = Code("FPC0302", "clock-function", "the SQL reads the clock")
MISSING_WINDOW: Final = Code("FPC0303", "missing-window", "a feature does not say how far back it looks")
MISSING_FRESHNESS: Final = Code("FPC0304", "missing-freshness", "a view says neither freshness nor schedule")
INVALID_SCHEDULE: Final = Code("FPC0305", "invalid-schedule", "a schedule is not a cron expression")
INVALID_INSTANT: Final = Code("FPC0306", "invalid-instant", "a date or time cannot be read")
AS_OF_IN_AGGREGATE: Final = Code("FPC0307", "as-of-in-aggregate", "AS_OF() stands where single events are looked at")
INVALID_TIMEZONE: Final = Code("FPC0308", "invalid-timezone", "a time zone is not known")
TIME_COLUMN_TYPE: Final = Code("FPC0309", "time-column-type", "a time column does not hold instants")
DUPLICATE_WINDOW: Final = Code("FPC0310", "duplicate-window", "a window is listed twice")
TTL_TOO_SHORT: Final = Code("FPC0311", "ttl-too-short", "values expire before the next refresh is published")
WINDOW_SHORTER_THAN_REFRESH: Final = Code(
    "FPC0312", "window-shorter-than-refresh", "a window is shorter than the time between refreshes"
)
PARTITION_COLUMN: Final = Code("FPC0313", "partition-column", "the partition column cannot prune anything")
UNCHECKED_LATENESS: Final = Code(
    "FPC0314", "unchecked-lateness", "a source promises a lateness but has no known time to tell it by"
)
LABEL_AS_FEATURE: Final = Code("FPC0315", "label-as-feature", "a feature reads what its model is to predict")
KNOWN_WHEN_IT_HAPPENED: Final = Code("FPC0316", "known-when-it-happened", "the known time is the event time itself")
FUTURE_LEAK: Final = Code(
    "FPC0317", "future-leak", "a source seems to be loaded later than it happens, and does not say so"
)
HISTORY_TOO_SHORT: Final = Code("FPC0318", "history-too-short", "a window is longer than the history that is kept")
FRESHNESS_OUT_OF_REACH: Final = Code("FPC0319", "freshness-out-of-reach", "a view cannot be as fresh as it promises")
OVERWRITTEN_COLUMN: Final = Code(
    "FPC0320", "overwritten-column", "a feature reads a column that is changed in place after its row is known"
)
DIMENSION_WITHOUT_AS_OF: Final = Code(
    "FPC0321", "dimension-without-as-of", "a source has one row per entity, and not the instants of its changes"
)
OUTCOME_COLUMN: Final = Code("FPC0322", "outcome-column", "a feature reads what is known only after the event")
LABEL_SOURCE: Final = Code("FPC0323", "label-source", "a feature reads the columns that its model's label is made of")
JOIN_WITHOUT_AS_OF: Final = Code("FPC0324", "join-without-as-of", "a dbt model joins rows that may be of later")
WHOLE_TABLE_STATISTIC: Final = Code(
    "FPC0325", "whole-table-statistic", "a dbt model computes with rows that may come later"
)
UPSTREAM_CLOCK: Final = Code("FPC0326", "upstream-clock", "a dbt model reads the clock")
KEEPS_LAST_VERSION: Final = Code(
    "FPC0327", "keeps-last-version", "a source's rows are overwritten: what they were earlier is lost"
)
UNPROVEN_UPSTREAM: Final = Code("FPC0328", "unproven-upstream", "a dbt model cannot be followed by the proof")
STAMPED_TOO_EARLY: Final = Code("FPC0329", "stamped-too-early", "a dbt model dates rows before they were known")

UNKNOWN_EXAMPLE_COLUMN: Final = Code(
    "FPC0401", "unknown-example-column", "an example names a column or feature that does not exist"
)
EXAMPLE_TYPE: Final = Code("FPC0402", "example-type", "a value of an example does not have its column's type")
EXAMPLE_KEY: Final = Code("FPC0403", "example-key", "an example's expectation does not name its entity")
INVALID_TEST: Final = Code("FPC0404", "invalid-test", "a test cannot be run as it is written")
FAILED_EXAMPLE: Final = Code("FPC0405", "failed-example", "an example has another answer than it expects")
LEFT_TO_DO: Final = Code("FPC0406", "left-to-do", "lines of a spec are still marked TODO")

TEMPLATE_MARKER: Final = Code("FPC0501", "template-marker", "template markers stand in SQL")
ENVIRONMENT_REFERENCE: Final = Code("FPC0502", "environment-reference", "the environment is read outside of fpc.yml")
FILE_ACCESS: Final = Code("FPC0503", "file-access", "the SQL reads files, settings or the environment")
PATH_OUTSIDE: Final = Code("FPC0504", "path-outside", "a path leaves the repository")
HIDDEN_DIRECTION: Final = Code("FPC0505", "hidden-direction", "invisible characters change the order of the text")

DEPRECATION_DATES: Final = Code("FPC0601", "deprecation-dates", "a deprecation's dates contradict each other")
UNKNOWN_REPLACEMENT: Final = Code("FPC0602", "unknown-replacement", "what is deprecated names no known successor")
PAST_REMOVAL: Final = Code("FPC0603", "past-removal", "a view or feature is used after the date at which it was to go")
REMOVAL_DUE: Final = Code("FPC0604", "removal-due", "a view or feature is past its date, and nobody uses it any more")
UNKNOWN_TEAM: Final = Code("FPC0605", "unknown-team", "an owner has no team behind it for CODEOWNERS")
UNKNOWN_CODE: Final = Code("FPC0606", "unknown-code", "a severity is given for a code that does not exist")
EMPTY_FOLDER: Final = Code("FPC0607", "empty-folder", "fpc.yml names a folder that holds no specs")
UNAGREED_CHANGE: Final = Code("FPC0640", "unagreed-change", "a version that services read comes to mean something else")
VERSION_NOT_KEPT: Final = Code("FPC0641", "version-not-kept", "services would be moved to a new version unasked")
REMOVED_TOO_EARLY: Final = Code("FPC0642", "removed-too-early", "what services read goes before its date")

UNKNOWN_SERVICE_FEATURE: Final = Code(
    "FPC0701", "unknown-service-feature", "a service reads a feature that is not there"
)
EMPTY_GLOB: Final = Code("FPC0702", "empty-glob", "a pattern of a service matches no feature")
TOO_STALE: Final = Code("FPC0703", "too-stale", "a view cannot be as fresh as a service asks")
REPEATED_SERVICE_FEATURE: Final = Code("FPC0704", "repeated-service-feature", "a service lists a feature twice")
READS_DEPRECATED: Final = Code("FPC0705", "reads-deprecated", "a service reads a deprecated view or feature")

STREAMING_NOT_BUILT: Final = Code("FPC0801", "streaming-not-built", "streaming views are not built yet")
REQUEST_NOT_BUILT: Final = Code("FPC0802", "request-not-built", "request-time views are not built yet")
STREAM_NOT_BUILT: Final = Code("FPC0803", "stream-not-built", "a source's live stream is not read yet")
DRIFT_NOT_BUILT: Final = Code("FPC0804", "drift-not-built", "drift tests are not run yet")
GRANULARITY_UNUSED: Final = Code("FPC0805", "granularity-unused", "a granularity is for streaming views alone")
ENGINE_NOT_BUILT: Final = Code("FPC0806", "engine-not-built", "an engine is not built yet")
COMMAND_NOT_BUILT: Final = Code("FPC0807", "command-not-built", "a command comes with a later release")

ALL: Final = (
    YAML_SYNTAX,
    UNREADABLE_FILE,
    CONTROL_CHARACTER,
    FILE_TOO_LARGE,
    TOO_DEEP,
    ANCHOR_OR_ALIAS,
    TAG,
    DUPLICATE_KEY,
    UNKNOWN_KIND,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_SHAPE,
    INVALID_NAME,
    INVALID_VALUE,
    CONFLICTING_KEYS,
    NO_REPOSITORY,
    IGNORED_FILE,
    DUPLICATE_NAME,
    UNKNOWN_NAME,
    UNKNOWN_COLUMN,
    SQL_SYNTAX,
    UNKNOWN_FUNCTION,
    UNSUPPORTED_AGGREGATE,
    COLUMN_OUTSIDE_AGGREGATE,
    NESTED_AGGREGATE,
    NO_AGGREGATE,
    NOT_AN_EXPRESSION,
    SEVERAL_STATEMENTS,
    WINDOW_FUNCTION,
    AGGREGATE_NOT_ALLOWED,
    TYPE_ERROR,
    AGGREGATE_ARGUMENT,
    NOT_BOOLEAN,
    UNSUPPORTED_TYPE,
    BAD_DEFAULT,
    NOT_DETERMINISTIC,
    DERIVED_CYCLE,
    UNKNOWN_FEATURE,
    RESERVED_NAME,
    WINDOW_IN_NAME,
    UNSUPPORTED_SYNTAX,
    KEY_MISMATCH,
    UNKNOWN_AGGREGATION,
    OTHER_TABLE,
    UNUSED_DECLARATION,
    SAME_MEANING,
    MISSING_OWNER,
    MISSING_DESCRIPTION,
    FLOAT_MONEY,
    COULD_BE_DERIVED,
    NAME_PATTERN,
    TAG_RULE,
    SHORT_DESCRIPTION,
    INVALID_DURATION,
    CLOCK_FUNCTION,
    MISSING_WINDOW,
    MISSING_FRESHNESS,
    INVALID_SCHEDULE,
    INVALID_INSTANT,
    AS_OF_IN_AGGREGATE,
    INVALID_TIMEZONE,
    TIME_COLUMN_TYPE,
    DUPLICATE_WINDOW,
    TTL_TOO_SHORT,
    WINDOW_SHORTER_THAN_REFRESH,
    PARTITION_COLUMN,
    UNCHECKED_LATENESS,
    LABEL_AS_FEATURE,
    KNOWN_WHEN_IT_HAPPENED,
    FUTURE_LEAK,
    HISTORY_TOO_SHORT,
    FRESHNESS_OUT_OF_REACH,
    OVERWRITTEN_COLUMN,
    DIMENSION_WITHOUT_AS_OF,
    OUTCOME_COLUMN,
    LABEL_SOURCE,
    JOIN_WITHOUT_AS_OF,
    WHOLE_TABLE_STATISTIC,
    UPSTREAM_CLOCK,
    KEEPS_LAST_VERSION,
    UNPROVEN_UPSTREAM,
    STAMPED_TOO_EARLY,
    UNKNOWN_EXAMPLE_COLUMN,
    EXAMPLE_TYPE,
    EXAMPLE_KEY,
    INVALID_TEST,
    FAILED_EXAMPLE,
    LEFT_TO_DO,
    TEMPLATE_MARKER,
    ENVIRONMENT_REFERENCE,
    FILE_ACCESS,
    PATH_OUTSIDE,
    HIDDEN_DIRECTION,
    DEPRECATION_DATES,
    UNKNOWN_REPLACEMENT,
    PAST_REMOVAL,
    REMOVAL_DUE,
    UNKNOWN_TEAM,
    UNKNOWN_CODE,
    EMPTY_FOLDER,
    UNAGREED_CHANGE,
    VERSION_NOT_KEPT,
    REMOVED_TOO_EARLY,
    UNKNOWN_SERVICE_FEATURE,
    EMPTY_GLOB,
    TOO_STALE,
    REPEATED_SERVICE_FEATURE,
    READS_DEPRECATED,
    STREAMING_NOT_BUILT,
    REQUEST_NOT_BUILT,
    STREAM_NOT_BUILT,
    DRIFT_NOT_BUILT,
    GRANULARITY_UNUSED,
    ENGINE_NOT_BUILT,
    COMMAND_NOT_BUILT,
)
