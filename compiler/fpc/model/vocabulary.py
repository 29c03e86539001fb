"""What SQL in a spec may use: an allow-list, so that whatever is not known to be deterministic is refused.

Functions are listed by their names in DuckDB with the numbers of arguments that they take. Left out on purpose are
those whose answer may change between versions or engines (`hash`), that take lambdas, or that the SQL generator would
write in another way than it was meant.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

#: Name -> fewest and most arguments.
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    # numbers
    **dict.fromkeys(
        (
            "ABS", "ACOS", "ASIN", "ATAN", "BIT_COUNT", "CBRT", "CEIL", "CEILING", "COS", "COT", "DEGREES", "EVEN",
            "EXP", "FACTORIAL", "FLOOR", "ISFINITE", "ISINF", "ISNAN", "LN", "LOG10", "LOG2", "RADIANS", "SIGN", "SIN",
            "SQRT", "TAN",
        ),
        (1, 1),
    ),
    **dict.fromkeys(("ATAN2", "FDIV", "FMOD", "GCD", "LCM", "MOD", "POW", "POWER", "XOR"), (2, 2)),
    **dict.fromkeys(("LOG", "ROUND", "TRUNC"), (1, 2)),
    "PI": (0, 0),
    # choices
    "COALESCE": (1, 100),
    "GREATEST": (1, 100),
    "LEAST": (1, 100),
    "IF": (3, 3),
    "IFNULL": (2, 2),
    "NULLIF": (2, 2),
    # texts
    **dict.fromkeys(
        (
            "ASCII", "BIT_LENGTH", "CHAR_LENGTH", "CHR", "LCASE", "LEN", "LENGTH", "LOWER", "MD5", "ORD", "REVERSE",
            "SHA256", "STRIP_ACCENTS", "STRLEN", "UCASE", "UNICODE", "UPPER",
        ),
        (1, 1),
    ),
    **dict.fromkeys(
        (
            "CONTAINS", "ENDS_WITH", "HAMMING", "INSTR", "JACCARD", "JARO_WINKLER_SIMILARITY", "LEFT", "LEVENSHTEIN",
            "PREFIX", "REPEAT", "RIGHT", "STARTS_WITH", "STRING_SPLIT", "STRPOS", "STR_SPLIT", "SUFFIX",
        ),
        (2, 2),
    ),
    **dict.fromkeys(("LTRIM", "RTRIM", "TRIM"), (1, 2)),
    **dict.fromkeys(("LPAD", "REPLACE", "RPAD", "SPLIT_PART", "TRANSLATE"), (3, 3)),
    **dict.fromkeys(("SUBSTR", "SUBSTRING"), (2, 3)),
    "CONCAT": (1, 100),
    "CONCAT_WS": (2, 100),
    "REGEXP_EXTRACT": (2, 3),
    "REGEXP_FULL_MATCH": (2, 2),
    "REGEXP_MATCHES": (2, 2),
    "REGEXP_REPLACE": (3, 4),
    # times
    **dict.fromkeys(
        (
            "CENTURY", "DATE", "DAY", "DAYNAME", "DAYOFMONTH", "DAYOFWEEK", "DAYOFYEAR", "DECADE", "EPOCH", "EPOCH_MS",
            "EPOCH_NS", "EPOCH_US", "HOUR", "ISODOW", "ISOYEAR", "LAST_DAY", "MICROSECOND", "MILLISECOND", "MINUTE",
            "MONTH", "MONTHNAME", "QUARTER", "SECOND", "TO_DAYS", "TO_HOURS", "TO_MICROSECONDS", "TO_MILLISECONDS",
            "TO_MINUTES", "TO_MONTHS", "TO_SECONDS", "TO_TIMESTAMP", "TO_WEEKS", "TO_YEARS", "WEEK", "WEEKDAY",
            "WEEKOFYEAR", "YEAR", "YEARWEEK",
        ),
        (1, 1),
    ),
    **dict.fromkeys(
        ("AGE", "DATEPART", "DATETRUNC", "DATE_PART", "DATE_TRUNC", "STRFTIME", "STRPTIME", "TIMEZONE", "TRY_STRPTIME"),
        (2, 2),
    ),
    **dict.fromkeys(("DATEDIFF", "DATESUB", "DATE_DIFF", "DATE_SUB", "MAKE_DATE"), (3, 3)),
    **dict.fromkeys(("MAKE_TIMESTAMP", "MAKE_TIMESTAMPTZ"), (6, 6)),
    "TIME_BUCKET": (2, 3),
    # lists
    **dict.fromkeys(
        (
            "ARRAY_LENGTH", "LIST_AVG", "LIST_COUNT", "LIST_DISTINCT", "LIST_FIRST", "LIST_LAST", "LIST_MAX",
            "LIST_MEDIAN", "LIST_MIN", "LIST_REVERSE_SORT", "LIST_SORT", "LIST_SUM", "LIST_UNIQUE",
        ),
        (1, 1),
    ),
    **dict.fromkeys(
        (
            "ARRAY_CONTAINS", "ARRAY_TO_STRING", "LIST_CONCAT", "LIST_CONTAINS", "LIST_ELEMENT", "LIST_EXTRACT",
            "LIST_HAS", "LIST_POSITION",
        ),
        (2, 2),
    ),
    "LIST_SLICE": (3, 3),
    "LIST_VALUE": (0, 100),
    # documents
    "JSON_ARRAY_LENGTH": (1, 2),
    "JSON_EXTRACT_STRING": (2, 2),
    "JSON_VALID": (1, 1),
    # the instant that a value is as of
    "AS_OF": (0, 0),
}  # fmt: skip

#: Syntax that looks like a call because a parenthesis may follow the word.
SYNTAX_WORDS: Final = frozenset(
    (
        "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "DISTINCT", "ELSE", "END", "ESCAPE", "EXCEPT",
        "EXISTS", "EXTRACT", "FILTER", "FROM", "GROUP", "HAVING", "ILIKE", "IN", "INTERSECT", "INTERVAL", "IS", "JOIN",
        "LIKE", "NOT", "ON", "OR", "ORDER", "OVER", "POSITION", "SELECT", "SIMILAR", "THEN", "TO", "TRY_CAST", "UNION",
        "USING", "VALUES", "WHEN", "WHERE", "WITH", "WITHIN",
    )
)  # fmt: skip

#: Functions whose first argument names a unit of time, and the units.
UNIT_FUNCTIONS: Final = frozenset(
    ("DATEDIFF", "DATEPART", "DATESUB", "DATETRUNC", "DATE_DIFF", "DATE_PART", "DATE_SUB", "DATE_TRUNC")
)
UNITS: Final = frozenset(
    (
        "century", "centuries", "day", "dayofmonth", "dayofweek", "dayofyear", "days", "decade", "decades", "dow",
        "doy", "epoch", "era", "hour", "hours", "isodow", "isoyear", "julian", "microsecond", "microseconds",
        "millennia", "millennium", "millisecond", "milliseconds", "minute", "minutes", "month", "months", "ms",
        "quarter", "quarters", "second", "seconds", "us", "week", "weekday", "weekofyear", "weeks", "year", "years",
        "yearweek",
    )
)  # fmt: skip

#: Words with which statements begin.
STATEMENTS: Final = frozenset(
    (
        "ALTER", "ATTACH", "CALL", "CHECKPOINT", "COPY", "CREATE", "DELETE", "DESCRIBE", "DETACH", "DROP", "EXPLAIN",
        "EXPORT", "FROM", "IMPORT", "INSERT", "INSTALL", "LOAD", "MERGE", "PIVOT", "PRAGMA", "SELECT", "SET", "SHOW",
        "SUMMARIZE", "TRUNCATE", "UNPIVOT", "UPDATE", "USE", "VACUUM", "VALUES", "WITH",
    )
)  # fmt: skip

#: Types that take arguments.
TYPE_WORDS: Final = frozenset(("CHAR", "DEC", "DECIMAL", "NUMERIC", "VARCHAR"))

#: Functions that read the clock, with or without parentheses.
CLOCK_FUNCTIONS: Final = frozenset(
    (
        "AGO", "CLOCK_TIMESTAMP", "CURDATE", "CURRENT_DATE", "CURRENT_LOCALTIME", "CURRENT_LOCALTIMESTAMP",
        "CURRENT_TIME", "CURRENT_TIMESTAMP", "GETDATE", "GET_CURRENT_TIME", "GET_CURRENT_TIMESTAMP", "LOCALTIME",
        "LOCALTIMESTAMP", "NOW", "STATEMENT_TIMESTAMP", "SYSDATE", "TODAY", "TRANSACTION_TIMESTAMP", "UNIX_TIMESTAMP",
    )
)  # fmt: skip

#: Texts that some engines take for the clock when they are cast to a time: `TIMESTAMP 'now'`.
CLOCK_TEXTS: Final = frozenset(("now", "today", "tomorrow", "yesterday"))

#: Functions whose answer differs from call to call.
RANDOM_FUNCTIONS: Final = frozenset(
    (
        "CURRENT_TRANSACTION_ID", "GEN_RANDOM_UUID", "NEXTVAL", "RAND", "RANDN", "RANDOM", "SAMPLE", "SETSEED",
        "TXID_CURRENT", "UUID", "UUIDV4", "UUIDV7",
    )
)  # fmt: skip

#: Functions that reach out of the query: files, settings, the environment, the catalogue, the process.
OUTSIDE_FUNCTIONS: Final = frozenset(
    (
        "CURRENT_CATALOG", "CURRENT_DATABASE", "CURRENT_QUERY", "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_SCHEMAS",
        "CURRENT_SETTING", "CURRENT_USER", "CURRVAL", "GETENV", "GETVARIABLE", "GLOB", "ICEBERG_SCAN",
        "INPUT_FILE_NAME", "INSTALL", "LOAD", "MYSQL_SCAN", "PARQUET_METADATA", "PARQUET_SCAN", "PG_SLEEP",
        "POSTGRES_SCAN", "QUERY",
        "QUERY_TABLE", "READ_BLOB", "READ_CSV", "READ_CSV_AUTO", "READ_JSON", "READ_JSON_AUTO", "READ_NDJSON",
        "READ_PARQUET", "READ_TEXT", "SESSION_USER", "SLEEP_MS", "SNIFF_CSV", "SQLITE_SCAN", "USER", "VERSION",
        "WRITE_LOG",
    )
)  # fmt: skip

#: Aggregates of DuckDB that the platform has no entry for, with what to write in their place where there is something.
OTHER_AGGREGATES: Final[dict[str, str | None]] = {
    "ALL": "write `BOOL_AND(...)`",
    "ANY": "write `BOOL_OR(...)`",
    "ARBITRARY": "write `FIRST(...)`",
    "COUNTIF": "write `COUNT(*) FILTER (WHERE ...)`",
    "COUNT_IF": "write `COUNT(*) FILTER (WHERE ...)`",
    "EVERY": "write `BOOL_AND(...)`",
    "QUANTILE": "write `QUANTILE_CONT(x, p)`",
    "ARRAY_AGG": "write `LAST_K(x, k)`, which has a bound",
    "LIST": "write `LAST_K(x, k)`, which has a bound",
    "SOME": "write `BOOL_OR(...)`",
    **dict.fromkeys(
        (
            "APPROX_TOP_K", "ARG_MAX", "ARG_MAX_NULL", "ARG_MIN", "ARG_MIN_NULL", "BITSTRING_AGG", "BIT_AND", "BIT_OR",
            "BIT_XOR", "CORR", "COUNT_STAR", "COVAR_POP", "COVAR_SAMP", "ENTROPY", "FAVG", "FSUM", "GEOMEAN",
            "GEOMETRIC_MEAN", "GROUP_CONCAT", "HISTOGRAM", "JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT", "KAHAN_SUM",
            "KURTOSIS", "KURTOSIS_POP", "LISTAGG", "LOGICAL_AND", "LOGICAL_OR", "MAD", "MAP_FROM_ENTRIES", "MAX_BY",
            "MIN_BY", "PERCENTILE_DISC", "PRODUCT", "QUANTILE_DISC", "REGR_AVGX", "REGR_AVGY", "REGR_COUNT",
            "REGR_INTERCEPT", "REGR_R2", "REGR_SLOPE", "REGR_SXX", "REGR_SXY", "REGR_SYY", "RESERVOIR_QUANTILE", "SEM",
            "SKEWNESS", "STRING_AGG", "SUMKAHAN", "SUM_NO_OVERFLOW", "WAVG", "WEIGHTED_AVG",
        ),
        None,
    ),
}  # fmt: skip

#: Nodes without arguments of their own to check: operators, literals, names, types.
NODES: Final[frozenset[type[exp.Expr]]] = frozenset(
    (
        exp.Add, exp.And, exp.Array, exp.AtTimeZone, exp.Between, exp.BitwiseAnd, exp.BitwiseLeftShift, exp.BitwiseNot,
        exp.BitwiseOr, exp.BitwiseRightShift, exp.BitwiseXor, exp.Boolean, exp.Bracket, exp.Case, exp.Cast, exp.Column,
        exp.DPipe, exp.DataType, exp.DataTypeParam, exp.Div, exp.EQ, exp.Escape, exp.Extract, exp.GT, exp.GTE,
        exp.ILike, exp.Identifier, exp.If, exp.In, exp.IntDiv, exp.Interval, exp.IntervalSpan, exp.Is,
        exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathKey, exp.JSONPathRoot, exp.JSONPathSubscript, exp.LT, exp.LTE,
        exp.Like, exp.Literal, exp.Mod, exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ,
        exp.Or, exp.Paren, exp.Pow, exp.RegexpFullMatch, exp.RegexpLike, exp.SimilarTo, exp.Slice, exp.Sub, exp.TryCast,
        exp.Tuple, exp.Var,
    )
)  # fmt: skip

#: The nodes that calls of FUNCTIONS are parsed to; `exp.Anonymous` is checked by its name.
FUNCTION_NODES: Final[frozenset[type[exp.Expr]]] = frozenset(
    (
        exp.Abs, exp.Acos, exp.ArrayConcat, exp.ArrayContains, exp.ArrayDistinct, exp.ArrayMax, exp.ArrayMin,
        exp.ArraySize, exp.ArraySort, exp.ArrayToString, exp.Ascii, exp.Asin, exp.Atan, exp.Atan2, exp.BitLength,
        exp.Cbrt, exp.Ceil, exp.Chr, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.Contains, exp.Cos, exp.Cot, exp.Date,
        exp.DateBin, exp.DateDiff, exp.DateFromParts, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso,
        exp.DayOfYear, exp.Dayname, exp.Degrees, exp.EndsWith, exp.Exp, exp.Factorial, exp.Floor, exp.Greatest,
        exp.Hour, exp.IsInf, exp.IsNan, exp.JarowinklerSimilarity, exp.LastDay, exp.Least, exp.Left, exp.Length,
        exp.Levenshtein, exp.Ln, exp.Log, exp.Lower, exp.MD5, exp.Minute, exp.Month, exp.Monthname, exp.Nullif, exp.Pad,
        exp.Pi, exp.Quarter, exp.Radians, exp.RegexpExtract, exp.RegexpReplace, exp.Repeat, exp.Replace, exp.Reverse,
        exp.Right, exp.Round, exp.SHA2, exp.Second, exp.Sign, exp.Sin, exp.Split, exp.SplitPart, exp.Sqrt,
        exp.StartsWith, exp.StrPosition, exp.StrToTime, exp.Substring, exp.Tan, exp.TimeToStr, exp.TimeToUnix,
        exp.TimestampFromParts, exp.TimestampTrunc, exp.ToDays, exp.Translate, exp.Trim, exp.Trunc, exp.Unicode,
        exp.UnixToTime, exp.Upper, exp.Week, exp.WeekOfYear, exp.Year,
    )
)  # fmt: skip

#: Words that no feature may be named, since they could not be selected without quotes.
RESERVED_WORDS: Final = frozenset(
    (
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check",
        "collate", "column", "constraint", "create", "default", "deferrable", "desc", "describe", "distinct", "do",
        "else", "end", "except", "false", "fetch", "for", "foreign", "from", "group", "having", "in", "initially",
        "intersect", "into", "lambda", "lateral", "leading", "limit", "not", "null", "offset", "on", "only", "or",
        "order", "pivot", "pivot_longer", "pivot_wider", "placing", "primary", "qualify", "references", "returning",
        "select", "show", "some", "summarize", "symmetric", "table", "then", "to", "trailing", "true", "union",
        "unique", "unpivot", "using", "variadic", "when", "where", "window", "with",
    )
)  # fmt: skip
