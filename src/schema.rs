//! What a model's public values mean.

use crate::Error;
#[cfg(feature = "keys")]
use crate::backend::{CompiledCircuit, HashedRole, HashedTensors, PublicRole};
use crate::hashed::HashedTensor;
use crate::role::Role;
use crate::text::is_plain;
use serde::{Deserialize, Serialize};
#[cfg(feature = "keys")]
use zkml_core::graph::{Graph, NodeId, Op, Port};
#[cfg(feature = "keys")]
use zkml_core::ops::Param;

/// A tensor at the border of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorInfo {
    /// Name in the ONNX file.
    pub name: String,
    /// Its part in the model.
    pub role: Role,
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
    /// An integer `q` represents `q * 2^-scale`.
    pub scale: i32,
    /// Class labels by index along the last axis, if the model has them (outputs only).
    pub labels: Vec<String>,
}

impl TensorInfo {
    /// Number of elements; `None` if it is beyond what a machine counts.
    pub(crate) fn len(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1usize, |len, axis| len.checked_mul(*axis))
    }
}

/// The inputs of a graph.
#[cfg(feature = "keys")]
pub(crate) fn inputs(graph: &Graph) -> Vec<TensorInfo> {
    graph
        .inputs
        .iter()
        .map(|port| border(graph, Role::Input, &port.name, port.node, &port.labels))
        .collect()
}

/// The outputs of a graph.
#[cfg(feature = "keys")]
pub(crate) fn outputs(graph: &Graph) -> Vec<TensorInfo> {
    graph
        .outputs
        .iter()
        .map(|port| border(graph, Role::Output, &port.name, port.node, &port.labels))
        .collect()
}

/// The parameters of a graph. The scale of one that no node reads is 0.
#[cfg(feature = "keys")]
pub(crate) fn params(graph: &Graph) -> Vec<TensorInfo> {
    let scale = |index: usize| {
        let reads = |op: &Op| matches!(op, Op::Param(Param { param }) if param.index() == index);
        graph
            .nodes
            .iter()
            .find(|node| reads(&node.op))
            .map_or(0, |node| node.scale)
    };
    let info = |(index, spec): (usize, &zkml_core::graph::ParamSpec)| TensorInfo {
        name: spec.name.clone(),
        role: Role::Param,
        shape: spec.shape.clone(),
        scale: scale(index),
        labels: Vec::new(),
    };
    graph.params.iter().enumerate().map(info).collect()
}

#[cfg(feature = "keys")]
fn border(graph: &Graph, role: Role, name: &str, node: NodeId, labels: &[String]) -> TensorInfo {
    let node = graph.node(node);
    TensorInfo {
        name: name.to_owned(),
        role,
        shape: node.shape.clone(),
        scale: node.scale,
        labels: labels.to_vec(),
    }
}

/// A public tensor, and the order of its elements in the circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicInfo {
    pub(crate) info: TensorInfo,
    /// Value `i` of the circuit is element `order[i]`; in order if `None`.
    pub(crate) order: Option<Vec<u32>>,
}

/// The public tensors in the order of a proof's public values, each row-major.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicSchema {
    pub(crate) tensors: Vec<PublicInfo>,
    /// The commitments, which follow them.
    pub(crate) hashed: Vec<HashedTensor>,
}

impl PublicSchema {
    /// Checks a schema that came from a file against the number of public values of its circuit.
    pub(crate) fn validate(&self, public_values: usize) -> Result<(), Error> {
        let malformed = |reason| {
            let what = "list of public tensors".to_owned();
            Err(Error::Malformed { what, reason })
        };
        let total = self
            .tensors
            .iter()
            .try_fold(self.hashed.len(), |sum, t| sum.checked_add(t.info.len()?));
        if total != Some(public_values) {
            let found = total.map_or("too many to count".to_owned(), |n| n.to_string());
            return malformed(format!(
                "expected {public_values} public values, as the circuit has, found {found}"
            ));
        }
        let names = self.tensors.iter().map(|t| &t.info.name);
        let names = names.chain(self.hashed.iter().map(|t| &t.name));
        let labels = self.tensors.iter().flat_map(|t| &t.info.labels);
        plain(names.chain(labels)).or_else(malformed)?;
        for PublicInfo { info, order } in &self.tensors {
            if order
                .as_ref()
                .is_some_and(|order| !is_permutation(order, info.len()))
            {
                let name = &info.name;
                return malformed(format!(
                    "expected each element of the tensor {name} once, found another order"
                ));
            }
        }
        Ok(())
    }

    /// Brings public values into the circuit's order: elements of tensors, then the rest as it is.
    pub(crate) fn circuit_order<T: Clone>(&self, values: &[T]) -> Vec<T> {
        let mut out = Vec::with_capacity(values.len());
        let mut rest = values;
        for PublicInfo { info, order } in &self.tensors {
            let (head, tail) = rest.split_at(info.len().unwrap_or(rest.len()).min(rest.len()));
            rest = tail;
            match order {
                None => out.extend_from_slice(head),
                Some(order) => out.extend(order.iter().filter_map(|&i| head.get(i as usize).cloned())),
            }
        }
        out.extend_from_slice(rest);
        out
    }
}

/// The public tensors of a circuit.
#[cfg(feature = "keys")]
pub(crate) fn public_schema(graph: &Graph, circuit: &CompiledCircuit) -> PublicSchema {
    let (inputs, outputs, params) = (inputs(graph), outputs(graph), params(graph));
    let info = |role| match role {
        PublicRole::Input(i) => inputs[i as usize].clone(),
        PublicRole::Output(i) => outputs[i as usize].clone(),
        PublicRole::Param(i) => params[i as usize].clone(),
    };
    let tensors = circuit.public_tensors().iter();
    PublicSchema {
        tensors: tensors
            .map(|t| PublicInfo {
                info: info(t.role),
                order: t.order.clone(),
            })
            .collect(),
        hashed: hashed_tensors(graph, circuit),
    }
}

/// What the commitments of a circuit are to.
#[cfg(feature = "keys")]
pub(crate) fn hashed_tensors(graph: &Graph, circuit: &CompiledCircuit) -> Vec<HashedTensor> {
    let named = |h: &HashedTensors| {
        let (name, role) = match h.role {
            HashedRole::Input(i) => (graph.inputs[i as usize].name.clone(), Role::Input),
            HashedRole::Output(i) => (graph.outputs[i as usize].name.clone(), Role::Output),
            HashedRole::Params => (String::new(), Role::Param),
        };
        HashedTensor {
            name,
            role,
            forms: h.forms.clone(),
        }
    };
    circuit.hashed_tensors().iter().map(named).collect()
}

/// Checks the names and labels of a graph that came from a file.
#[cfg(feature = "keys")]
pub(crate) fn check_plain<'a>(ports: impl Iterator<Item = &'a Port> + Clone) -> Result<(), Error> {
    let labels = ports.clone().flat_map(|port| &port.labels);
    plain(ports.map(|port| &port.name).chain(labels)).map_err(|reason| Error::malformed("circuit", reason))
}

/// Names and labels are shown on terminals and written into lines, by people who did not choose them.
fn plain<'a>(mut texts: impl Iterator<Item = &'a String>) -> Result<(), String> {
    match texts.find(|text| !is_plain(text)) {
        None => Ok(()),
        Some(text) => Err(format!(
            "expected names and labels without control characters, found {text:?}; rename it in the model"
        )),
    }
}

/// Whether `order` has each of `0..len` once.
fn is_permutation(order: &[u32], len: Option<usize>) -> bool {
    if len != Some(order.len()) {
        return false;
    }
    let mut seen = vec![false; order.len()];
    order.iter().all(|&i| {
        seen.get_mut(i as usize)
            .is_some_and(|seen| !std::mem::replace(seen, true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2curves::bn256::Fr;

    fn public(shape: &[usize], order: Option<&[u32]>) -> PublicInfo {
        let info = TensorInfo {
            name: "x".to_owned(),
            role: Role::Output,
            shape: shape.to_vec(),
            scale: 0,
            labels: Vec::new(),
        };
        PublicInfo {
            info,
            order: order.map(<[u32]>::to_vec),
        }
    }

    #[test]
    fn the_number_of_values_must_match() {
        let schema = PublicSchema {
            tensors: vec![public(&[2, 3], None), public(&[], None)],
            hashed: vec![],
        };
        schema.validate(7).unwrap();
        assert!(schema.validate(6).is_err());
        let huge = PublicSchema {
            tensors: vec![public(&[usize::MAX, 2], None)],
            hashed: vec![],
        };
        assert!(huge.validate(0).is_err());
        let sum = PublicSchema {
            tensors: vec![public(&[usize::MAX], None), public(&[2], None)],
            hashed: vec![],
        };
        assert!(sum.validate(1).is_err());
    }

    #[test]
    fn names_and_labels_are_plain() {
        let mut schema = PublicSchema {
            tensors: vec![public(&[2], None)],
            hashed: vec![],
        };
        for label in ["cat", "Größe 2", "数字"] {
            schema.tensors[0].info.labels = vec![label.to_owned()];
            schema.validate(2).unwrap();
        }
        for label in ["x\nvalid", "\u{1b}[2J", "a\u{202e}b", "a\u{200b}"] {
            schema.tensors[0].info.labels = vec![label.to_owned()];
            assert!(schema.validate(2).is_err(), "{label:?}");
        }
        schema.tensors[0].info.labels.clear();
        schema.tensors[0].info.name = "\u{7}".to_owned();
        assert!(schema.validate(2).is_err());
    }

    #[test]
    fn an_order_names_each_element_once() {
        let with = |order: &[u32]| {
            PublicSchema {
                tensors: vec![public(&[3], Some(order))],
                hashed: vec![],
            }
            .validate(3)
        };
        with(&[2, 0, 1]).unwrap();
        for order in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 3]] {
            assert!(with(order).is_err(), "{order:?}");
        }
    }

    #[test]
    fn values_come_into_the_circuits_order() {
        let schema = PublicSchema {
            tensors: vec![public(&[2], None), public(&[3], Some(&[2, 0, 1]))],
            hashed: vec![],
        };
        let values = [1, 2, 3, 4, 5, 6].map(Fr::from);
        assert_eq!(schema.circuit_order(&values), [1, 2, 5, 3, 4, 6].map(Fr::from));
    }
}
