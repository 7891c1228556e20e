"""The part of JSON Schema 2020-12 that docs/report.schema.json uses. A keyword that is not here is an error, so that no
rule of the schema goes unchecked."""

import re

KINDS = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}
ANNOTATIONS = {"$schema", "$defs", "title", "description", "then", "else"}


def same(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


class Validator:
    def __init__(self, root):
        self.root = root

    def errors(self, value, schema=None, path="$"):
        """Yields one sentence for every broken rule."""
        schema = self.root if schema is None else schema
        for keyword, rule in schema.items():
            if keyword not in ANNOTATIONS:
                check = getattr(self, "check_" + keyword.lstrip("$"), None)
                if check is None:
                    raise ValueError(f"keyword {keyword} is not supported here")
                yield from check(value, rule, schema, path)

    def valid(self, value, schema):
        return not any(True for _ in self.errors(value, schema))

    def check_ref(self, value, rule, schema, path):
        target = self.root
        for part in rule.removeprefix("#/").split("/"):
            target = target[part]
        yield from self.errors(value, target, path)

    def check_type(self, value, rule, schema, path):
        kinds = [rule] if isinstance(rule, str) else rule
        if not any(KINDS[kind](value) for kind in kinds):
            yield f"{path}: {value!r:.60} is not {kinds}"

    def check_const(self, value, rule, schema, path):
        if not same(value, rule):
            yield f"{path}: not {rule!r}"

    def check_enum(self, value, rule, schema, path):
        if not any(same(value, one) for one in rule):
            yield f"{path}: {value!r:.60} is none of {rule}"

    def check_minimum(self, value, rule, schema, path):
        if KINDS["number"](value) and value < rule:
            yield f"{path}: {value} is below {rule}"

    def check_maximum(self, value, rule, schema, path):
        if KINDS["number"](value) and value > rule:
            yield f"{path}: {value} is above {rule}"

    def check_minLength(self, value, rule, schema, path):
        if isinstance(value, str) and len(value) < rule:
            yield f"{path}: shorter than {rule}"

    def check_pattern(self, value, rule, schema, path):
        if isinstance(value, str) and not re.search(rule.replace("$", r"\Z"), value):
            yield f"{path}: {value!r:.60} does not match {rule}"

    def check_required(self, value, rule, schema, path):
        for name in rule:
            if isinstance(value, dict) and name not in value:
                yield f"{path}: {name} is missing"

    def check_propertyNames(self, value, rule, schema, path):
        for name in value if isinstance(value, dict) else ():
            yield from self.errors(name, rule, f"{path}.{name} (its name)")

    def check_properties(self, value, rule, schema, path):
        for name, sub in rule.items():
            if isinstance(value, dict) and name in value:
                yield from self.errors(value[name], sub, f"{path}.{name}")

    def check_patternProperties(self, value, rule, schema, path):
        for name, member in value.items() if isinstance(value, dict) else ():
            for pattern, sub in rule.items():
                if re.search(pattern, name):
                    yield from self.errors(member, sub, f"{path}.{name}")

    def check_additionalProperties(self, value, rule, schema, path):
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, member in value.items() if isinstance(value, dict) else ():
            if name in known or any(re.search(pattern, name) for pattern in patterns):
                continue
            if rule is False:
                yield f"{path}: {name} is not allowed"
            else:
                yield from self.errors(member, rule, f"{path}.{name}")

    def check_items(self, value, rule, schema, path):
        for i, member in enumerate(value if isinstance(value, list) else ()):
            yield from self.errors(member, rule, f"{path}[{i}]")

    def check_anyOf(self, value, rule, schema, path):
        if not any(self.valid(value, sub) for sub in rule):
            yield from self.errors(value, rule[-1], path)

    def check_not(self, value, rule, schema, path):
        if self.valid(value, rule):
            yield f"{path}: is what it must not be, {rule}"

    def check_if(self, value, rule, schema, path):
        yield from self.errors(value, schema.get("then" if self.valid(value, rule) else "else", {}), path)
