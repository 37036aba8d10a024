//! Calls whose answer is only whether they succeeded.

use commons::voting::Call;

/// Makes the call. False if it is refused, traps or reverts, whatever it answers.
///
/// The host function is used as it is: ink!'s call builder must know the type of the answer, and takes a
/// reverted call for an answer.
#[cfg(not(feature = "std"))]
pub fn succeeds(call: &Call) -> bool {
    use ink::prelude::vec::Vec;
    use scale::Encode;
    use uapi::{CallFlags, HostFn, HostFnImpl};

    let callee: &[u8; 32] = call.callee.as_ref();
    let input: Vec<u8> = call.selector.iter().chain(&call.input).copied().collect();
    let deposit = call.deposit.map(|deposit| deposit.encode());
    HostFnImpl::call_v2(
        CallFlags::empty(),
        callee,
        call.ref_time,
        call.proof_size,
        deposit.as_deref(),
        &call.value.encode(),
        &input,
        None,
    )
    .is_ok()
}

/// Off the chain there is no other contract to call.
#[cfg(feature = "std")]
pub fn succeeds(_call: &Call) -> bool {
    false
}
