//! The tests of the kernels as exports: one that fails traps.

#[path = "../../../arithmetic_ecdsa.rs"]
mod ecdsa;
#[path = "../../../arithmetic_ed25519.rs"]
mod ed25519;
#[path = "../../../arithmetic_ed25519_sign.rs"]
mod ed25519_sign;
#[path = "../../../arithmetic_rsa.rs"]
mod rsa;
#[path = "../../../arithmetic_sha256.rs"]
mod sha256;

/// Exports a test under the name of its file and its own.
macro_rules! exports {
    ($($name:ident = $path:path;)*) => {
        $(
            #[unsafe(no_mangle)]
            pub extern "C" fn $name() {
                std::panic::set_hook(Box::new(|_| {}));
                $path();
            }
        )*
    };
}

/// Exports the tests of one curve.
macro_rules! curve {
    ($($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident = $curve:ident;)*) => {
        $(
            exports! {
                $a = ecdsa::$curve::a_signature_gets_the_verdict_of_the_crate;
                $b = ecdsa::$curve::points_that_meet_are_added_all_the_same;
                $c = ecdsa::$curve::a_key_may_be_a_small_multiple_of_the_generator;
                $d = ecdsa::$curve::a_signature_out_of_range_is_refused;
                $e = ecdsa::$curve::a_key_is_a_point_of_the_curve;
                $f = ecdsa::$curve::wycheproof_agrees;
                $g = ecdsa::$curve::a_sum_of_chosen_multiples_gets_its_verdict;
                $h = ecdsa::$curve::the_first_uses_of_a_key_get_the_same_verdict;
            }
        )*
    };
}

exports! {
    test_residues = ecdsa::a_residue_is_its_integer_modulo_the_modulus;
    test_scalars = ecdsa::a_scalar_is_its_integer_modulo_the_order;
    test_extremes_a = ecdsa::a_product_of_extreme_digits_is_right;
    test_extremes_b = ecdsa::points_with_extreme_digits_get_their_verdict;
    test_ed25519_a = ed25519::a_residue_is_its_integer_modulo_the_modulus;
    test_ed25519_b = ed25519::a_signature_gets_the_verdict_of_the_crate;
    test_ed25519_c = ed25519::points_of_small_order_sign_nothing;
    test_ed25519_d = ed25519::a_key_is_a_point_in_its_one_encoding;
    test_ed25519_e = ed25519::a_signature_has_one_length;
    test_ed25519_f = ed25519::wycheproof_agrees;
    test_ed25519_sign_a = ed25519_sign::a_signature_is_the_printed_one_of_rfc_8032;
    test_ed25519_sign_b = ed25519_sign::a_signature_is_that_of_the_crate;
    test_ed25519_sign_c = ed25519_sign::seeds_and_messages_of_zeros_and_ones_are_no_exception;
    test_ed25519_sign_d = ed25519_sign::a_multiple_by_a_scalar_at_the_limits_is_that_of_the_crate;
    test_ed25519_sign_e = ed25519_sign::a_response_at_the_limits_is_that_of_the_crate;
    test_ed25519_sign_f = ed25519_sign::a_hash_is_reduced_as_by_the_crate;
    test_ed25519_sign_g = ed25519_sign::the_operations_on_digits_are_the_same_for_every_secret;
    test_rsa_a = rsa::a_power_is_the_power_of_integers;
    test_rsa_b = rsa::a_key_has_an_odd_modulus_and_an_odd_exponent;
    test_rsa_c = rsa::wycheproof_agrees;
    test_sha256_a = sha256::messages_of_every_length_have_the_hashes_of_the_crate;
    test_sha256_b = sha256::random_messages_have_the_hashes_of_the_crate;
}
curve! {
    test_p256_a test_p256_b test_p256_c test_p256_d test_p256_e test_p256_f test_p256_g test_p256_h = p256;
    test_p384_a test_p384_b test_p384_c test_p384_d test_p384_e test_p384_f test_p384_g test_p384_h = p384;
    test_p521_a test_p521_b test_p521_c test_p521_d test_p521_e test_p521_f test_p521_g test_p521_h = p521;
    test_k256_a test_k256_b test_k256_c test_k256_d test_k256_e test_k256_f test_k256_g test_k256_h = k256;
}
