"""What the constraints say of the quotient at `x`: docs/proof-format.md, section 7."""

from dataclasses import dataclass

from .errors import Invalid
from .field import R, inverse
from .parts import Parts
from .protocol import Protocol

DELTA = pow(7, 1 << 28, R)


@dataclass(frozen=True)
class Lagrange:
    """The Lagrange polynomials that constraints need, at `x`."""

    first: int
    last: int
    blind: int


@dataclass(frozen=True)
class Quotient:
    """The value of the quotient, and those of the instance queries, which a proof does not state."""

    value: int
    instance_values: list[int]


def quotient(protocol: Protocol, parts: Parts, instances: list[list[int]]) -> Quotient:
    """Evaluates all constraints at `x`, and divides their sum by `x^n - 1`."""
    x = parts.challenges.x
    vanishing = protocol.domain.vanishing(x)
    if vanishing == 0 or x == 0:
        raise Invalid("the challenge x is 0 or a row of the domain")
    last = protocol.last_rotation
    rows = max((len(instances[column]) for column, _ in protocol.instance_queries), default=0)
    at = protocol.domain.lagrange(x, last, max(rows, 1))
    instance_values = [
        sum(value * at[row] for row, value in enumerate(instances[column])) % R
        for column, _ in protocol.instance_queries
    ]
    values = gates(protocol, parts, instance_values)
    if protocol.permutation:
        lagrange = Lagrange(at[0], at[last], sum(at[row] for row in range(last + 1, 0)))
        values += permutation(protocol, parts, instance_values, lagrange)
    folded = 0
    for value in values:
        folded = (folded * parts.challenges.y + value) % R
    return Quotient(folded * inverse(vanishing, R) % R, instance_values)


def gates(protocol: Protocol, parts: Parts, instance_values: list[int]) -> list[int]:
    """The values of the circuit's constraints."""
    leaves = {
        "advice": parts.advice_values,
        "fixed": parts.fixed_values,
        "instance": instance_values,
        "challenge": parts.challenges.circuit,
    }
    values: list[int] = []
    for name, *operands in protocol.nodes:
        if name == "constant":
            value = operands[0]
        elif name == "sum":
            value = (values[operands[0]] + values[operands[1]]) % R
        elif name == "product":
            value = values[operands[0]] * values[operands[1]] % R
        elif name == "scaled":
            value = values[operands[0]] * operands[1] % R
        elif name == "negated":
            value = -values[operands[0]] % R
        else:
            value = leaves[name][operands[0]]
        values.append(value)
    return [values[index] for index in protocol.constraints]


def permutation(
    protocol: Protocol, parts: Parts, instance_values: list[int], lagrange: Lagrange
) -> list[int]:
    """The values of the permutation's constraints: the products start at 1, hand over, end at 0 or 1, and step right."""
    queries = {
        "advice": dict(zip(protocol.advice_queries, parts.advice_values)),
        "fixed": dict(zip(protocol.fixed_queries, parts.fixed_values)),
        "instance": dict(zip(protocol.instance_queries, instance_values)),
    }
    columns = [queries[kind][column, 0] for kind, column in protocol.permutation]
    beta, gamma, x = parts.challenges.beta, parts.challenges.gamma, parts.challenges.x
    products = parts.product_values
    end = products[-1][0]
    values = [lagrange.first * (1 - products[0][0]) % R, lagrange.last * (end * end - end) % R]
    values += [lagrange.first * (after[0] - before[2]) % R for before, after in zip(products, products[1:])]
    active = 1 - lagrange.last - lagrange.blind
    for chunk, (here, after, *_) in zip(protocol.chunks, products):
        left, right = after, here
        for c in chunk:
            left = left * (columns[c] + beta * parts.permutation_values[c] + gamma) % R
            right = right * (columns[c] + beta * pow(DELTA, c, R) * x + gamma) % R
        values.append(active * (left - right) % R)
    return values
