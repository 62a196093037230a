//! Functions on ranges of network addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::value::{Type, Value};

use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, text};
use super::{Function, Parameter};

const PREFIX: Parameter = Parameter::new("prefix", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        &[PREFIX, Parameter::new("number", Expects::Number)],
        "The address of a host in a network.",
        gives::string,
        host,
    ),
    Function::new("cidrnetmask", &[PREFIX], "The mask of an IPv4 network.", gives::string, netmask),
    Function::new(
        "cidrsubnet",
        &[
            PREFIX,
            Parameter::new("bits", Expects::Number),
            Parameter::new("number", Expects::Number),
        ],
        "A part of a network, by number.",
        gives::string,
        subnet,
    ),
    Function::new(
        "cidrsubnets",
        &[PREFIX],
        "Parts of a network behind each other.",
        gives::strings,
        subnets,
    )
    .variadic(Parameter::new("bits", Expects::Number)),
];

/// A range of addresses: its first one and how many leading bits all share.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    length: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (first, bits) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().ok()?), 128)
        } else {
            // Leading zeros are taken as decimal.
            let parts: Vec<u8> = address
                .split('.')
                .map(|part| {
                    let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                    if digits { part.parse().ok() } else { None }
                })
                .collect::<Option<_>>()?;
            let parts: [u8; 4] = parts.try_into().ok()?;
            (u128::from(u32::from_be_bytes(parts)), 32)
        };
        let length = length.parse::<u32>().ok().filter(|length| *length <= bits)?;
        let network = Self { first, length, bits };
        Some(Self { first: first & !network.host_mask(), ..network })
    }

    /// Ones where addresses of the range differ.
    fn host_mask(self) -> u128 {
        match self.bits - self.length {
            0 => 0,
            free => u128::MAX >> (128 - free),
        }
    }

    /// Whether it is an IPv4 network written in IPv6: `::ffff:10.0.0.0/104`.
    fn is_mapped(self) -> bool {
        self.bits == 128 && self.first >> 32 == 0xffff
    }

    /// Addresses that stand for IPv4 ones are shown as those.
    fn show_address(self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(small) if self.bits == 32 => Ipv4Addr::from(small).to_string(),
            _ => Ipv6Addr::from(address).to_canonical().to_string(),
        }
    }

    fn show(self) -> String {
        let length = if self.is_mapped() { self.length - 96 } else { self.length };
        format!("{}/{length}", self.show_address(self.first))
    }
}

fn network(arguments: &[Value]) -> Result<Network, FunctionError> {
    Network::read(text(arguments, 0)).ok_or_else(|| {
        FunctionError::argument(0, "it is not a network such as `10.0.0.0/8` or `fd00::/64`")
    })
}

fn host(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let network = network(arguments)?;
    let number = integer(arguments, 1)?;
    let mask = network.host_mask();
    let distance = u128::from(number.unsigned_abs());
    let fits = if number < 0 { distance <= mask.saturating_add(1) } else { distance <= mask };
    if !fits {
        return Err(FunctionError::argument(1, "the network has not so many addresses"));
    }
    let offset = if number < 0 { mask - (distance - 1) } else { distance };
    // Terraform places the number as in 32 bits, though 128 are there; the same text must not stand
    // for other addresses here.
    let offset = if network.is_mapped() { offset << 96 } else { offset };
    Ok(Value::string(network.show_address(network.first | offset)))
}

fn netmask(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let network = network(arguments)?;
    if network.bits != 32 {
        return Err(FunctionError::argument(0, "only IPv4 networks have masks in this form"));
    }
    let mask = u128::from(u32::MAX) & !network.host_mask();
    Ok(Value::string(network.show_address(mask)))
}

/// The length of a part with so many bits more.
fn longer(network: Network, bits: i64, argument: usize) -> Result<u32, FunctionError> {
    u32::try_from(bits)
        .ok()
        .and_then(|bits| network.length.checked_add(bits))
        .filter(|length| *length <= network.bits)
        .ok_or_else(|| {
            let free = network.bits - network.length;
            FunctionError::argument(argument, format!("the network has {free} bits to give"))
        })
}

fn subnet(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let network = network(arguments)?;
    let length = longer(network, integer(arguments, 1)?, 1)?;
    let part = Network { length, ..network };
    let number = u128::try_from(integer(arguments, 2)?)
        .map_err(|_| FunctionError::argument(2, "it cannot be less than zero"))?;
    let count_bits = length - network.length;
    if count_bits < 128 && number >> count_bits != 0 {
        return Err(FunctionError::argument(2, "there are not so many parts"));
    }
    let shift = part.bits - length;
    let offset = if shift >= 128 { 0 } else { number << shift };
    Ok(Value::string(Network { first: network.first | offset, ..part }.show()))
}

fn subnets(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let network = network(arguments)?;
    let end = network.first | network.host_mask();
    let mut next = Some(network.first);
    let mut parts = Vec::new();
    for index in 1..arguments.len() {
        let bits = integer(arguments, index)?;
        if bits < 1 {
            return Err(FunctionError::argument(index, "it must be at least 1"));
        }
        let part = Network { length: longer(network, bits, index)?, ..network };
        let mask = part.host_mask();
        let aligned = next
            .and_then(|next| next.checked_add(mask))
            .map(|last| last & !mask)
            .filter(|first| first | mask <= end);
        let Some(first) = aligned else {
            return Err(FunctionError::argument(index, "the network has no room left"));
        };
        parts.push(Value::string(Network { first, ..part }.show()));
        next = (first | mask).checked_add(1);
    }
    Ok(Value::list(Type::String, parts))
}
