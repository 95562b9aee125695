//! Layout of an object: the kind of each value without converting it, so that JavaScript can build
//! the object.

use super::index::{Inside, Member, Span, Start, ValueKind, ValueSpan};
use super::{Object, Raw};

/// A value by its kind.
#[derive(Clone, Copy, Debug)]
pub enum Form<'p, 'a> {
    /// A string without an escape, its quotes at both ends of the span.
    Plain,
    /// An array of such strings, with what is inside their quotes.
    Plains(&'p [Inside]),
    /// Anything else.
    Other(Raw<'a>),
}

/// The names of the members of an object, in the order of its text, none with an escape.
#[derive(Debug)]
pub struct Names(Vec<(Start, String)>);

impl<'a> Object<'a> {
    /// The values in the order of the text, each with its span and its kind.
    pub fn forms(&self) -> impl Iterator<Item = (Span, Form<'_, 'a>)> {
        self.index.members.iter().map(|member| {
            let ValueSpan { span, kind } = member.value;
            let form = match kind {
                ValueKind::Plain => Form::Plain,
                ValueKind::Plains(Span { start, end }) => {
                    let elements = self.index.elements.get(start..end);
                    Form::Plains(elements.unwrap_or_default())
                }
                ValueKind::Other => Form::Other(Raw::at(member.value, self.text)),
            };
            (span, form)
        })
    }

    /// The names of the members, unless one has an escape.
    pub fn names(&self) -> Option<Names> {
        let name = |Member { name, .. }: &Member| {
            (!name.escaped).then(|| (name.start, name.span.of(self.text).to_owned()))
        };
        self.index
            .members
            .iter()
            .map(name)
            .collect::<Option<_>>()
            .map(Names)
    }

    /// Whether the members have these names, in this order, none with an escape.
    ///
    /// Not inlined: its callers are compiled for size.
    #[inline(never)]
    pub fn has(&self, Names(names): &Names) -> bool {
        let is = |(member, (start, name)): (&Member, &(Start, String))| {
            !member.name.escaped && member.name.is(self.text, name, *start)
        };
        let members = &self.index.members;
        members.len() == names.len() && members.iter().zip(names).all(is)
    }
}

impl Names {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, name)| name.as_str())
    }
}
