"""One YAML file -> plain mappings. Quick (libyaml where PyYAML has it), and a repeated key is a fault."""

from pathlib import Path

import yaml

from guides.errors import GuideFileError


def read_mapping(file: Path) -> dict[str, object]:
    """The mapping in a file, with text keys.

    Raises:
        GuideFileError: the file cannot be read, is not YAML, is not a mapping, or repeats a key.

    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GuideFileError(file, "", f"cannot be read ({error})") from error
    loader = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise GuideFileError(file, "", "is empty")
        _refuse_repeated_keys(node, file, "")
        data = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise GuideFileError(file, "", f"is not valid YAML ({_one_line(error)})") from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise GuideFileError(file, "", "must be a mapping of keys to values")
    for key in data:
        if not isinstance(key, str):
            raise GuideFileError(file, str(key), "keys must be text (put it in quotes)")
    return data


def _refuse_repeated_keys(node: yaml.Node, file: Path, field: str) -> None:
    """PyYAML keeps the last of two equal keys without a word; a guide would silently lose a section."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _refuse_repeated_keys(item, file, f"{field}[{index}]")
    elif isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            here = f"{field}.{key.value}".lstrip(".")
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise GuideFileError(file, here, f"appears twice (line {key.start_mark.line + 1})")
                seen.add(key.value)
            _refuse_repeated_keys(value, file, here)


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())
