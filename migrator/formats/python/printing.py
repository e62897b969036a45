"""How the common nodes of libcst's tree are written: for each, its parts in reading order.

    'text'    this text                        ( )   the parentheses that an expression owns; it stands between them
    part      the node in this field           < >   where the node that is recorded begins and ends
    part?     the same, where there is one     >a/b  it ends where the first of these ends that is there
    part!     the same; an `If` is an `elif`
    part*     each node of this field          @     the node begins here; libcst records no place for it
    =part     the text in this field           #     a comment begins here
    :part?    a type behind a colon            |     the white space at the start of a line; |? where the node has it
    ->part?   a type behind an arrow           + -   the block is one level further in

A node without a form prints itself. Where forms do not give the file's text again, to the letter, `locate` lets every node print
itself; that both note the same places is tested.
"""

from __future__ import annotations

from migrator.formats.python.operators import BINARY, BOOLEAN, COMPARE, UNARY

_LINE = "leading_lines* |"
_DECORATED = "leading_lines* decorators* lines_after_decorators* |"
_BLOCK = "whitespace_before_colon ':' body"
_TEST = "whitespace_before_test test whitespace_after_test ':' body orelse! >orelse/body"
_SIGNS = {
    **BINARY,
    **BOOLEAN,
    **COMPARE,
    **{f"{name}Assign": f"{sign}=" for name, sign in BINARY.items()},
    "Comma": ",",
    "Colon": ":",
    "Dot": ".",
    "AssignEqual": "=",
    "Semicolon": ";",
}

FORMS: dict[str, str] = {
    # what is not there
    **dict.fromkeys(("NoneType", "MaybeSentinel"), ""),
    # white space
    "SimpleWhitespace": "=value",
    "ParenthesizedWhitespace": "first_line empty_lines* |? last_line",
    "TrailingWhitespace": "whitespace comment? newline",
    "EmptyLine": "|? whitespace comment? newline",
    "Newline": "=value",
    "Comment": "# =value",
    # names, literals, signs
    **dict.fromkeys(("Name", "Integer", "Float", "Imaginary", "SimpleString"), "( =value )"),
    **{name: f"whitespace_before < '{sign}' > whitespace_after" for name, sign in _SIGNS.items() if " " not in sign},
    **{name: f"'{sign}' whitespace_after" for name, sign in UNARY.items()},
    "LeftParen": "@ '(' whitespace_after",
    "RightParen": "whitespace_before ')'",
    "LeftSquareBracket": "'[' whitespace_after",
    "RightSquareBracket": "whitespace_before ']'",
    "LeftCurlyBrace": "'{' whitespace_after",
    "RightCurlyBrace": "whitespace_before '}'",
    # expressions
    "Attribute": "( value dot attr )",
    "Await": "( 'await' whitespace_after_await expression )",
    **dict.fromkeys(("BinaryOperation", "BooleanOperation"), "( left operator right )"),
    "UnaryOperation": "( operator expression )",
    "Comparison": "( left comparisons* )",
    "ComparisonTarget": "operator comparator",
    "ConcatenatedString": "( left whitespace_between right )",
    "FormattedString": "( =start parts* =end )",
    "IfExp": "( body whitespace_before_if 'if' whitespace_after_if test whitespace_before_else 'else' whitespace_after_else orelse )",
    "NamedExpr": "( target whitespace_before_walrus ':=' whitespace_after_walrus value )",
    "Lambda": "( 'lambda' whitespace_after_lambda? params colon body )",
    "Call": "( func whitespace_after_func '(' whitespace_before_args args* ')' )",
    "Arg": "< =star whitespace_after_star keyword? equal? value > comma? whitespace_after_arg",
    "Subscript": "( value whitespace_after_value lbracket slice* rbracket )",
    "SubscriptElement": "< slice > comma?",
    "Index": "value",
    "Slice": "lower? first_colon upper? second_colon? step?",
    "List": "( lbracket elements* rbracket )",
    "Tuple": "( elements* )",
    **dict.fromkeys(("Set", "Dict"), "( lbrace elements* rbrace )"),
    "Element": "< value > comma?",
    "StarredElement": "( '*' whitespace_before_value value ) comma?",
    "DictElement": "< key whitespace_before_colon ':' whitespace_after_colon value > comma?",
    "StarredDictElement": "< '**' whitespace_before_value value > comma?",
    "ListComp": "( lbracket elt for_in rbracket )",
    "SetComp": "( lbrace elt for_in rbrace )",
    "DictComp": "( lbrace key whitespace_before_colon ':' whitespace_after_colon value for_in rbrace )",
    "GeneratorExp": "( elt for_in )",
    "CompFor": (
        "whitespace_before asynchronous? 'for' whitespace_after_for target"
        " whitespace_before_in 'in' whitespace_after_in iter ifs* inner_for_in?"
    ),
    "CompIf": "whitespace_before 'if' whitespace_before_test test",
    # simple statements
    "SimpleStatementLine": "leading_lines* | < body* >body trailing_whitespace",
    "SimpleStatementSuite": "leading_whitespace < body* >body trailing_whitespace",
    "Expr": "< value > semicolon?",
    "Assign": "< targets* value > semicolon?",
    "AssignTarget": "< target > whitespace_before_equal '=' whitespace_after_equal",
    "AnnAssign": "< target :annotation equal? value? > semicolon?",
    "AugAssign": "< target operator value > semicolon?",
    "Return": "< 'return' whitespace_after_return? value? > semicolon?",
    **{name: f"< '{name.lower()}' > semicolon?" for name in ("Pass", "Break", "Continue")},
    "Import": "< 'import' whitespace_after_import names* > semicolon?",
    "ImportFrom": (
        "< 'from' whitespace_after_from relative* module? whitespace_before_import"
        " 'import' whitespace_after_import lpar? names* rpar? > semicolon?"
    ),
    "ImportAlias": "< name asname? > comma?",
    "AsName": "whitespace_before_as 'as' whitespace_after_as name",
    # compound statements
    "IndentedBlock": "header + < body* >body footer* -",
    "FunctionDef": (
        f"{_DECORATED} < asynchronous? 'def' whitespace_after_def name whitespace_after_name type_parameters?"
        f" whitespace_after_type_parameters '(' whitespace_before_params params ')' ->returns? {_BLOCK} >body"
    ),
    "ClassDef": (
        f"{_DECORATED} < 'class' whitespace_after_class name whitespace_after_name type_parameters?"
        f" whitespace_after_type_parameters lpar? bases* keywords* rpar? {_BLOCK} >body"
    ),
    "Decorator": f"{_LINE} < '@' whitespace_after_at decorator > trailing_whitespace",
    "Asynchronous": "< 'async' > whitespace_after",
    "Parameters": "posonly_params* posonly_ind? params* star_arg? kwonly_params* star_kwarg?",
    "Param": "< =star whitespace_after_star name > :annotation? equal? default? comma? whitespace_after_param",
    "If": f"{_LINE} < 'if' {_TEST}",
    "elif": f"{_LINE} < 'elif' {_TEST}",
    "Else": f"{_LINE} < 'else' {_BLOCK} >body",
    "For": (
        f"{_LINE} < asynchronous? 'for' whitespace_after_for target whitespace_before_in 'in' whitespace_after_in iter"
        f" {_BLOCK} orelse? >orelse/body"
    ),
    "While": f"{_LINE} < 'while' whitespace_after_while test {_BLOCK} orelse? >orelse/body",
    "Try": f"{_LINE} < 'try' {_BLOCK} handlers* orelse? finalbody? >finalbody/orelse/handlers/body",
    "ExceptHandler": f"{_LINE} < 'except' whitespace_after_except type? name? {_BLOCK} >body",
    "Finally": f"{_LINE} < 'finally' {_BLOCK} >body",
    "With": f"{_LINE} < asynchronous? 'with' whitespace_after_with lpar? items* rpar? {_BLOCK} >body",
    "WithItem": "< item asname? > comma?",
}
"""By the name of the node's class. An `If` that is the `orelse` of another one has the form of `elif`."""
