//! Layout of an object: the kind of each value without converting it, so that JavaScript can build
//! the object.

use super::place::{Kind, Member, Start};
use super::{Object, Raw};

use super::place::{Place, Span};

/// A value by its kind.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'p, 'a> {
    /// A string without an escape, its quotes at both ends of the span.
    Plain,
    /// An array of such strings, with their spans.
    Plains(&'p [Place]),
    /// Anything else.
    Other(Raw<'a>),
}

/// The names of the members of an object, in the order of its text, none with an escape.
#[derive(Debug)]
pub struct Names(Vec<(Start, String)>);

impl<'a> Object<'a> {
    /// The values in the order of the text, each with its span and its kind.
    pub fn sights(&self) -> impl Iterator<Item = (Span, Sight<'_, 'a>)> {
        self.places.members.iter().map(|member| {
            let Place { span, kind } = member.value;
            let sight = match kind {
                Kind::Plain => Sight::Plain,
                Kind::Plains(Span { start, end }) => {
                    let elements = self.places.elements.get(start..end);
                    Sight::Plains(elements.unwrap_or_default())
                }
                Kind::Other => Sight::Other(Raw::at(member.value, self.text)),
            };
            (span, sight)
        })
    }

    /// The names of the members, unless one has an escape.
    pub fn names(&self) -> Option<Names> {
        let name = |Member { name, .. }: &Member| {
            (!name.escaped).then(|| (name.start, name.span.of(self.text).to_owned()))
        };
        self.places
            .members
            .iter()
            .map(name)
            .collect::<Option<_>>()
            .map(Names)
    }

    /// Whether the members have these names, in this order, none with an escape.
    pub fn has(&self, Names(names): &Names) -> bool {
        let is = |(member, (start, name)): (&Member, &(Start, String))| {
            !member.name.escaped && member.name.is(self.text, name, *start)
        };
        let members = &self.places.members;
        members.len() == names.len() && members.iter().zip(names).all(is)
    }
}

impl Names {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, name)| name.as_str())
    }
}
