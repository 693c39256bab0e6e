from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from nvx.config.stack import LoadedStack, load_stack
from nvx.config.variables import VariableInput
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, DiagnosticError, Location
from nvx.core.values import Reference, Template
from support.specs import SPECS, CropModel

HEAD = '[stack]\nname = "valley"\nregion = "us-west-2"\n'
FARM = '\n[farm.north]\nsoil = "clay"\n'
NORTH = Address("farm", "north")


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, *texts: str, given: VariableInput | None = None) -> LoadedStack:
        for index, text in enumerate(texts):
            (self.path / f"{index}.toml").write_text(text)
        return load_stack(str(self.path), given or VariableInput(), SPECS)

    def problems(
        self, *texts: str, given: VariableInput | None = None
    ) -> tuple[Diagnostic, ...]:
        with pytest.raises(DiagnosticError) as caught:
            self.load(*texts, given=given)
        return caught.value.diagnostics

    def codes(self, *texts: str, given: VariableInput | None = None) -> list[str]:
        return [found.code for found in self.problems(*texts, given=given)]

    def crop(self, *texts: str, given: VariableInput | None = None) -> CropModel:
        stack = self.load(*texts, given=given)
        (config,) = [r.config for r in stack.resources if r.kind == "crop"]
        assert isinstance(config, CropModel)
        return config


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def with_crop(body: str) -> str:
    return f'{HEAD}{FARM}\n[crop.bread]\nsort = "wheat"\n{body}\n'


def test_files_are_merged_into_one_stack(folder: Folder) -> None:
    stack = folder.load(HEAD, FARM, '[output.x]\nvalue = "${farm.north.arn}"\n')
    assert stack.settings.name == "valley"
    assert [r.address for r in stack.resources] == [NORTH]
    assert stack.outputs["x"].value == Reference(NORTH, "arn")
    assert [Path(file).name for file in stack.files] == ["0.toml", "1.toml", "2.toml"]
    assert stack.directory == str(folder.path)


def test_a_resource_knows_where_it_is_written(folder: Folder) -> None:
    (farm,) = folder.load(HEAD + FARM).resources
    file = str(folder.path / "0.toml")
    assert farm.declared_at == Location(file, 5, 1)
    assert farm.at(("soil",)) == Location(file, 6, 1)
    assert farm.at(("title",)) == farm.declared_at


def test_a_whole_reference_takes_the_output_that_its_field_needs(folder: Folder) -> None:
    crop = folder.crop(
        with_crop(
            'farm = "${farm.north}"\nfarms = ["${farm.north}", "${farm.north.seed}"]\n'
            'fields.a = { seed = "${farm.north}" }'
        )
    )
    assert crop.farm == Reference(NORTH, "arn")
    assert crop.farms == [Reference(NORTH, "arn"), Reference(NORTH, "seed")]
    assert crop.fields["a"].seed == Reference(NORTH, "seed")


def test_a_reference_inside_text_makes_a_template(folder: Folder) -> None:
    crop = folder.crop(with_crop('label = "at ${farm.north} in ${stack.region}"'))
    assert crop.label == Template(("at ", Reference(NORTH, "arn"), " in ", "us-west-2"))


def test_dependencies_are_addresses_or_references(folder: Folder) -> None:
    crop = folder.crop(with_crop('depends_on = ["farm.north", "${farm.north}"]'))
    assert crop.depends_on == [Reference(NORTH), Reference(NORTH)]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ('type = "bool"\ndefault = true', "true"),
        ('type = "integer"\ndefault = 3', "3"),
        ('type = "number"\ndefault = 1e-5', "1e-05"),
        ('type = "number"\ndefault = 2.0', "2.0"),
        ('default = "${farm.north}"', None),
        ('type = "list"\ndefault = []', None),
    ],
)
def test_values_in_text_are_written_as_toml_writes_them(
    folder: Folder, declared: str, expected: str | None
) -> None:
    text = with_crop('label = "<${var.x}>"') + f"[variables.x]\n{declared}\n"
    if expected is None:
        assert len(folder.codes(text)) == 1
    else:
        assert folder.crop(text).label == f"<{expected}>"


def test_a_whole_variable_keeps_its_type(folder: Folder) -> None:
    text = with_crop('depth = "${var.x}"') + '[variables.x]\ntype = "number"\n'
    assert folder.crop(text, given=VariableInput(["x=1.5"])).depth == 1.5


def test_escaped_marks_are_literal(folder: Folder) -> None:
    assert (
        folder.crop(with_crop('label = "$${var.x} {{prompt}}"')).label == "${var.x} {{prompt}}"
    )


def value_of(folder: Folder, kind: str, given: VariableInput) -> object:
    text = f'{HEAD}[variables.x]\ntype = "{kind}"\n[output.x]\nvalue = "${{var.x}}"\n'
    return folder.load(text, given=given).outputs["x"].value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "3", "3"),
        ("string", "", ""),
        ("string", "a=b", "a=b"),
        ("integer", "3", 3),
        ("number", "3", 3),
        ("number", "0.5", 0.5),
        ("bool", "true", True),
        ("list", '["a", 1]', ["a", 1]),
        ("table", "{ a = 1 }", {"a": 1}),
    ],
)
def test_text_is_converted_to_the_type_of_the_variable(
    folder: Folder, kind: str, text: str, value: object
) -> None:
    assert value_of(folder, kind, VariableInput([f"x={text}"])) == value
    assert value_of(folder, kind, VariableInput(environ={"NVX_VAR_x": text})) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "3.0"),
        ("integer", "true"),
        ("integer", "3\ny = 4"),
        ("number", "inf"),
        ("bool", "True"),
        ("list", "a,b"),
        ("table", "[1]"),
    ],
)
def test_text_of_another_type_is_refused(folder: Folder, kind: str, text: str) -> None:
    head = f'{HEAD}[variables.x]\ntype = "{kind}"\n[output.x]\nvalue = "${{var.x}}"\n'
    assert folder.codes(head, given=VariableInput([f"x={text}"])) == ["wrong_type"]


def test_the_command_line_wins_over_files_over_the_environment_over_defaults(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    files = [outside / "1.toml", outside / "2.toml"]
    for index, file in enumerate(files):
        file.write_text(f'x = "file {index}"\n')
    names = [str(file) for file in files]
    environ: Mapping[str, str] = {"NVX_VAR_x": "environment", "NVX_VAR_unused": "1"}
    text = HEAD + '[variables.x]\ndefault = "default"\n[output.x]\nvalue = "${var.x}"\n'

    def value(given: VariableInput) -> object:
        return folder.load(text, given=given).outputs["x"].value

    assert value(VariableInput()) == "default"
    assert value(VariableInput(environ=environ)) == "environment"
    assert value(VariableInput(files=names, environ=environ)) == "file 1"
    assert value(VariableInput(["x=1", "x=2"], names, environ)) == "2"


def test_a_variable_file_is_checked_with_its_places(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("outside") / "prod.toml"
    file.write_text('y = 1\nx = 2\nz = "AKIAIOSFODNN7EXAMPLE"\n')
    text = HEAD + '[variables.x]\n[output.x]\nvalue = "${var.x}"\n'
    given = VariableInput(files=[str(file)], elsewhere=frozenset({"z"}))
    found = {d.code: (d.location, d.line_text) for d in folder.problems(text, given=given)}
    assert found == {
        "unknown_variable": (Location(str(file), 1, 1), "y = 1"),
        "wrong_type": (Location(str(file), 2, 1), "x = 2"),
        "credential": (Location(str(file), 3, 1), "z = …"),
    }
    assert folder.codes(text, given=VariableInput(files=["none.toml"])) == ["unreadable"]
    file.write_text("x = \n")
    assert folder.codes(text, given=VariableInput(files=[str(file)])) == ["toml_syntax"]


def test_a_credential_is_never_shown(folder: Folder) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"  # noqa: S105  the example of the AWS documentation
    text = with_crop(f'depth = "{secret}"\nlabel = "{secret}"') + "[variables.x]\n"
    problems = folder.problems(text, given=VariableInput([f"x={secret}"]))
    assert {d.code for d in problems} >= {"credential"}
    assert secret not in repr(problems)


def test_rules_of_kinds_and_equal_names_are_told(folder: Folder) -> None:
    text = HEAD + "".join(
        f'[farm.{name}]\nsoil = "sand"\ntitle = "bad"\n' for name in ("a", "b")
    )
    assert folder.codes(text) == ["farm", "same_name", "farm"]


def test_an_unused_variable_is_a_warning_only(folder: Folder) -> None:
    stack = folder.load(HEAD + '[variables.x]\ndefault = "a"\n')
    assert [(w.code, w.line_text) for w in stack.warnings] == [
        ("unused_variable", "[variables.x]")
    ]


def test_what_may_be_in_an_unreadable_file_is_not_called_missing(folder: Folder) -> None:
    crop = with_crop('farm = "${farm.south}"\nlabel = "${var.y}"\ndepth = "deep"')
    assert folder.codes(crop, "[farm.south\n") == ["wrong_type", "toml_syntax"]


def test_many_circles_are_told_up_to_a_number(folder: Folder) -> None:
    pairs = "".join(
        f'[crop.a{i}]\nsort = "wheat"\nlabel = "${{crop.b{i}}}"\n'
        f'[crop.b{i}]\nsort = "barley"\nlabel = "${{crop.a{i}}}"\n'
        for i in range(12)
    )
    assert folder.codes(HEAD + pairs) == ["cycle"] * 10


def test_an_upstream_of_an_unknown_variant_is_no_second_problem(folder: Folder) -> None:
    text = with_crop('label = "${crop.odd.anything}"') + '[crop.odd]\nsort = "rye"\n'
    assert folder.codes(text) == ["not_allowed"]


def test_unknown_values_are_told_once(folder: Folder) -> None:
    text = with_crop(
        'sort = "${var.a}"\nlabel = "${var.b}"\nfarms = ["${var.c}"]\nfarm = "x ${var.d}"'
    ).replace('sort = "wheat"\n', "")
    assert folder.codes(text) == ["unknown_name"] * 4
