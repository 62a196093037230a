"""Configurations of `terraform_data` in five shapes, and the state that their apply leaves.

Every resource holds a text in `input`. With revision 1 in place of 0, one text in a hundred differs.
"""
import json
import uuid

# What holds the resources apart: a count, keys, blocks, references between blocks, modules.
SHAPES = ["count", "for_each", "blocks", "layers", "modules"]
LAYERS = 10
MODULES = 100
# Large configurations are written by people and generators in files of some length, not in one.
BLOCKS_PER_FILE = 100


def text(index, revision):
    """The text of a resource."""
    return f"text {index} of revision {revision if index % 100 == 0 else 0}"


def block(name, value):
    return f'resource "terraform_data" "{name}" {{\n  input = {value}\n}}\n\n'


def needed(index, count):
    """The two resources of the layer above that a resource refers to; the first layer needs nothing."""
    width = max(1, count // LAYERS)
    layer, place = divmod(index, width)
    if layer == 0:
        return ()
    above = (layer - 1) * width
    return above + place, above + (place + 1) % width


def in_files(blocks):
    return {
        f"part-{start // BLOCKS_PER_FILE:04}.tf": "".join(blocks[start:start + BLOCKS_PER_FILE])
        for start in range(0, len(blocks), BLOCKS_PER_FILE)
    }


def files(shape, count, revision=0):
    """The configuration: texts by the names of their files."""
    if shape == "count":
        index = "${count.index}"
        revised = "${count.index % 100 == 0 ? local.revision : 0}"
        return {
            "main.tf": f"locals {{\n  revision = {revision}\n}}\n\n"
            f'resource "terraform_data" "one" {{\n  count = {count}\n'
            f'  input = "text {index} of revision {revised}"\n}}\n'
        }
    if shape == "for_each":
        entries = "".join(f'    key-{index:05} = "{text(index, revision)}"\n' for index in range(count))
        return {
            "main.tf": f"locals {{\n  texts = {{\n{entries}  }}\n}}\n\n"
            'resource "terraform_data" "one" {\n  for_each = local.texts\n  input = each.value\n}\n'
        }
    if shape == "modules":
        inner = "".join(
            block(f"r_{index:05}", f'"${{var.name}}, text {index}"') for index in range(count // MODULES)
        )
        calls = "".join(
            f'module "m_{index:02}" {{\n  source = "./inner"\n'
            f'  name   = "module {index} of revision {revision if index == 0 else 0}"\n}}\n\n'
            for index in range(MODULES)
        )
        return {"main.tf": calls, "inner/main.tf": f'variable "name" {{\n  type = string\n}}\n\n{inner}'}
    blocks = []
    for index in range(count):
        before = needed(index, count) if shape == "layers" else ()
        after = "".join(f", after ${{terraform_data.r_{other:05}.id}}" for other in before)
        blocks.append(block(f"r_{index:05}", f'"{text(index, revision)}{after}"'))
    return in_files(blocks)


def identifier(index):
    return str(uuid.UUID(int=0x4000_8000_0000_0000_0000 + index))


def instance(index, value, **more):
    typed = {"value": value, "type": "string"}
    attributes = {"id": identifier(index), "input": typed, "output": typed, "triggers_replace": None}
    return {"schema_version": 0, "attributes": attributes, "sensitive_attributes": [], **more}


def resource(name, instances, **more):
    provider = 'provider["terraform.io/builtin/terraform"]'
    fixed = {"mode": "managed", "type": "terraform_data", "name": name, "provider": provider}
    return {**more, **fixed, "instances": instances}


def resources(shape, count):
    """What state holds after an apply of revision 0."""
    if shape == "count":
        yield resource("one", [instance(at, text(at, 0), index_key=at) for at in range(count)])
    elif shape == "for_each":
        made = [instance(at, text(at, 0), index_key=f"key-{at:05}") for at in range(count)]
        yield resource("one", made)
    elif shape == "modules":
        each = count // MODULES
        for module in range(MODULES):
            for at in range(each):
                value = f"module {module} of revision 0, text {at}"
                made = [instance(module * each + at, value)]
                yield resource(f"r_{at:05}", made, module=f"module.m_{module:02}")
    else:
        # All that a resource needs, also by way of others, is recorded with it.
        everything = {}
        for at in range(count):
            before = needed(at, count) if shape == "layers" else ()
            value = text(at, 0) + "".join(f", after {identifier(other)}" for other in before)
            everything[at] = set(before).union(*(everything[other] for other in before))
            names = [f"terraform_data.r_{other:05}" for other in sorted(everything[at])]
            more = {"dependencies": names} if names else {}
            yield resource(f"r_{at:05}", [instance(at, value, **more)])


def state(shape, count):
    """The text of the state file."""
    held = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": list(resources(shape, count)),
        "check_results": None,
    }
    return json.dumps(held, indent=2) + "\n"
