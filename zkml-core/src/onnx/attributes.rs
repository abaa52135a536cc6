//! Attributes of a node, each of which its importer has to account for.

use super::proto::{self, Tensor};
use crate::error::{Error, Result};
use std::cell::RefCell;
use tract_onnx::pb::{AttributeProto, NodeProto, attribute_proto::AttributeType};

/// Attributes by name. An attribute that was never asked for is an error in [`Attributes::finish`].
pub(super) struct Attributes<'a> {
    node: String,
    op: &'a str,
    all: &'a [AttributeProto],
    unread: RefCell<Vec<&'a str>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(node: String, proto: &'a NodeProto) -> Self {
        Attributes {
            node,
            op: &proto.op_type,
            all: &proto.attribute,
            unread: RefCell::new(proto.attribute.iter().map(|a| &a.name[..]).collect()),
        }
    }

    /// An error about an attribute.
    pub(super) fn error(&self, attribute: &str, reason: impl Into<String>) -> Error {
        Error::Attribute {
            node: self.node.clone(),
            op: self.op.to_string(),
            attribute: attribute.to_string(),
            reason: reason.into(),
        }
    }

    fn find(&self, name: &str, kind: AttributeType) -> Result<Option<&'a AttributeProto>> {
        self.ignore(name);
        let Some(attribute) = self.all.iter().find(|a| a.name == name) else {
            return Ok(None);
        };
        // Files before IR version 2 leave the type open.
        if attribute.r#type != kind as i32 && attribute.r#type != 0 {
            return Err(self.error(name, format!("it is not of type {}", kind.as_str_name())));
        }
        Ok(Some(attribute))
    }

    /// Marks an attribute that makes no difference.
    pub(super) fn ignore(&self, name: &str) {
        self.unread.borrow_mut().retain(|unread| *unread != name);
    }

    pub(super) fn int(&self, name: &str) -> Result<Option<i64>> {
        Ok(self.find(name, AttributeType::Int)?.map(|a| a.i))
    }

    pub(super) fn int_or(&self, name: &str, default: i64) -> Result<i64> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// A 0-or-1 attribute.
    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        Ok(self.int(name)?.map_or(default, |i| i != 0))
    }

    /// An attribute that must have this value if it is there.
    pub(super) fn require(&self, name: &str, value: i64) -> Result<()> {
        match self.int(name)? {
            Some(found) if found != value => {
                Err(self.error(name, format!("only {value} is supported, found {found}")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn float(&self, name: &str) -> Result<Option<f32>> {
        match self.find(name, AttributeType::Float)? {
            Some(a) if a.f.is_nan() => Err(self.error(name, "it is not a number")),
            other => Ok(other.map(|a| a.f)),
        }
    }

    pub(super) fn float_or(&self, name: &str, default: f32) -> Result<f32> {
        let value = self.float(name)?.unwrap_or(default);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(self.error(name, format!("expected a finite number, found {value}")))
        }
    }

    pub(super) fn floats(&self, name: &str) -> Result<Option<&'a [f32]>> {
        Ok(self.find(name, AttributeType::Floats)?.map(|a| &a.floats[..]))
    }

    pub(super) fn ints(&self, name: &str) -> Result<Option<&'a [i64]>> {
        Ok(self.find(name, AttributeType::Ints)?.map(|a| &a.ints[..]))
    }

    /// Non-negative integers, one for each spatial axis.
    pub(super) fn sizes(&self, name: &str, count: usize) -> Result<Option<Vec<usize>>> {
        let Some(ints) = self.ints(name)? else {
            return Ok(None);
        };
        let sizes: Option<Vec<usize>> = ints.iter().map(|&i| usize::try_from(i).ok()).collect();
        match sizes {
            Some(sizes) if sizes.len() == count => Ok(Some(sizes)),
            _ => Err(self.error(
                name,
                format!("expected {count} numbers that are not negative, found {ints:?}"),
            )),
        }
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<String>> {
        Ok(self
            .find(name, AttributeType::String)?
            .map(|a| String::from_utf8_lossy(&a.s).into_owned()))
    }

    pub(super) fn tensor(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(attribute) = self.find(name, AttributeType::Tensor)? else {
            return Ok(None);
        };
        let tensor = attribute
            .t
            .as_ref()
            .ok_or_else(|| self.error(name, "it holds no tensor"))?;
        proto::tensor(tensor)
            .map(Some)
            .map_err(|reason| self.error(name, reason))
    }

    /// Checks that every attribute was accounted for.
    pub(super) fn finish(&self) -> Result<()> {
        match self.unread.borrow().first() {
            Some(name) => Err(self.error(name, "this attribute is not supported")),
            None => Ok(()),
        }
    }
}
