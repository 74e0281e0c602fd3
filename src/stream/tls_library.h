/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * OpenSSL, loaded when the first address needs it (base/library.h).
 *
 * To be included in the place of OpenSSL's own headers: afterwards its functions are
 * called as ever, by names that lead through the table, and so do those of its macros,
 * as SSL_set_mode() is SSL_ctrl().  A function that is missing here does not link.
 */

#include "base/library.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* clang-format off */
#define TLS_FUNCTIONS(F) \
	F(ASN1_INTEGER_set_uint64) F(ASN1_STRING_get0_data) F(ASN1_STRING_length) \
	F(ASN1_STRING_to_UTF8) F(ASN1_TIME_print) F(BIO_ADDR_free) F(BIO_ADDR_new) \
	F(BIO_clear_flags) F(BIO_ctrl) F(BIO_free) F(BIO_get_callback_arg) F(BIO_get_data) \
	F(BIO_meth_free) F(BIO_meth_new) F(BIO_meth_set_ctrl) F(BIO_meth_set_read) \
	F(BIO_meth_set_write) F(BIO_new) F(BIO_new_file) F(BIO_new_mem_buf) \
	F(BIO_new_socket) F(BIO_puts) F(BIO_read) F(BIO_s_mem) F(BIO_s_null) \
	F(BIO_set_callback_arg) F(BIO_set_callback_ex) F(BIO_set_data) F(BIO_set_flags) \
	F(BIO_set_init) F(BIO_test_flags) F(CRYPTO_free) F(CRYPTO_memcmp) \
	F(DTLS_client_method) F(DTLS_server_method) F(DTLSv1_listen) F(ERR_clear_error) \
	F(ERR_error_string_n) F(ERR_peek_error) F(EVP_EncodeBlock) F(EVP_PKEY_Q_keygen) \
	F(EVP_PKEY_free) F(EVP_PKEY_is_a) F(EVP_Q_digest) F(EVP_Q_mac) F(EVP_sha1) \
	F(EVP_sha256) F(GENERAL_NAMES_free) F(GENERAL_NAME_print) F(OBJ_nid2ln) \
	F(OBJ_obj2nid) F(OPENSSL_cleanse) F(OPENSSL_sk_num) F(OPENSSL_sk_value) \
	F(OSSL_PROVIDER_load) F(PEM_read_bio_Parameters) F(SSL_CIPHER_get_name) \
	F(SSL_COMP_get_name) \
	F(SSL_CTX_callback_ctrl) F(SSL_CTX_check_private_key) F(SSL_CTX_clear_options) \
	F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_get0_certificate) \
	F(SSL_CTX_get_ex_data) F(SSL_CTX_load_verify_dir) F(SSL_CTX_load_verify_file) \
	F(SSL_CTX_new_ex) F(SSL_CTX_sess_set_new_cb) F(SSL_CTX_set0_tmp_dh_pkey) \
	F(SSL_CTX_set_alpn_protos) F(SSL_CTX_set_alpn_select_cb) \
	F(SSL_CTX_set_cipher_list) F(SSL_CTX_set_ciphersuites) \
	F(SSL_CTX_set_client_CA_list) F(SSL_CTX_set_cookie_generate_cb) \
	F(SSL_CTX_set_cookie_verify_cb) F(SSL_CTX_set_default_verify_paths) \
	F(SSL_CTX_set_ex_data) F(SSL_CTX_set_keylog_callback) F(SSL_CTX_set_num_tickets) \
	F(SSL_CTX_set_options) \
	F(SSL_CTX_set_session_id_context) F(SSL_CTX_set_tlsext_max_fragment_length) \
	F(SSL_CTX_set_verify) F(SSL_CTX_use_PrivateKey) F(SSL_CTX_use_PrivateKey_file) \
	F(SSL_CTX_use_certificate) F(SSL_CTX_use_certificate_chain_file) \
	F(SSL_SESSION_free) F(SSL_SESSION_is_resumable) F(SSL_clear_options) \
	F(SSL_client_version) F(SSL_ctrl) F(SSL_do_handshake) F(SSL_free) \
	F(SSL_get0_alpn_selected) F(SSL_get0_peer_certificate) F(SSL_get_SSL_CTX) \
	F(SSL_get_current_cipher) F(SSL_get_current_compression) \
	F(SSL_get_current_expansion) F(SSL_get_error) F(SSL_get_ex_data) \
	F(SSL_get_ex_data_X509_STORE_CTX_idx) F(SSL_get_options) F(SSL_get_servername) \
	F(SSL_get_version) \
	F(SSL_has_pending) F(SSL_is_dtls) F(SSL_is_init_finished) \
	F(SSL_load_client_CA_file) F(SSL_new) F(SSL_read_ex) F(SSL_select_next_proto) \
	F(SSL_session_reused) F(SSL_set0_wbio) F(SSL_set_SSL_CTX) F(SSL_set_accept_state) \
	F(SSL_set_bio) F(SSL_set_connect_state) F(SSL_set_default_read_buffer_len) \
	F(SSL_set_ex_data) F(SSL_set_read_ahead) F(SSL_set_session) F(SSL_set_shutdown) \
	F(SSL_shutdown) F(SSL_write_ex) F(TLS_client_method) F(TLS_server_method) \
	F(X509V3_EXT_conf_nid) F(X509_EXTENSION_free) F(X509_NAME_ENTRY_get_data) \
	F(X509_NAME_ENTRY_get_object) F(X509_NAME_add_entry_by_txt) \
	F(X509_NAME_entry_count) F(X509_NAME_get_entry) F(X509_NAME_get_index_by_NID) \
	F(X509_NAME_get_text_by_NID) F(X509_NAME_print_ex) \
	F(X509_STORE_CTX_get_current_cert) F(X509_STORE_CTX_get_error) \
	F(X509_STORE_CTX_get_error_depth) F(X509_STORE_CTX_get_ex_data) F(X509_add_ext) \
	F(X509_digest) F(X509_free) F(X509_get0_notAfter) F(X509_get0_notBefore) \
	F(X509_get_X509_PUBKEY) F(X509_get_ext_d2i) F(X509_get_issuer_name) \
	F(X509_get_serialNumber) F(X509_get_subject_name) F(X509_getm_notAfter) \
	F(X509_getm_notBefore) F(X509_gmtime_adj) F(X509_new) F(X509_set_issuer_name) \
	F(X509_set_pubkey) F(X509_set_version) F(X509_sign) \
	F(X509_verify_cert_error_string) F(i2d_X509_PUBKEY)
/* clang-format on */

struct tls_library {
	TLS_FUNCTIONS(LIBRARY_POINTER)
};

extern struct tls_library tls_library; /* empty until it is loaded, then constant */

/* Before any of these functions is called; by any thread, any number of times.
 * -ENOENT: there is no OpenSSL 3, as err says. */
int tls_library_load(struct err *err);

#define ASN1_INTEGER_set_uint64                tls_library.ASN1_INTEGER_set_uint64
#define ASN1_STRING_get0_data                  tls_library.ASN1_STRING_get0_data
#define ASN1_STRING_length                     tls_library.ASN1_STRING_length
#define ASN1_STRING_to_UTF8                    tls_library.ASN1_STRING_to_UTF8
#define ASN1_TIME_print                        tls_library.ASN1_TIME_print
#define BIO_ADDR_free                          tls_library.BIO_ADDR_free
#define BIO_ADDR_new                           tls_library.BIO_ADDR_new
#define BIO_clear_flags                        tls_library.BIO_clear_flags
#define BIO_ctrl                               tls_library.BIO_ctrl
#define BIO_free                               tls_library.BIO_free
#define BIO_get_callback_arg                   tls_library.BIO_get_callback_arg
#define BIO_get_data                           tls_library.BIO_get_data
#define BIO_meth_free                          tls_library.BIO_meth_free
#define BIO_meth_new                           tls_library.BIO_meth_new
#define BIO_meth_set_ctrl                      tls_library.BIO_meth_set_ctrl
#define BIO_meth_set_read                      tls_library.BIO_meth_set_read
#define BIO_meth_set_write                     tls_library.BIO_meth_set_write
#define BIO_new                                tls_library.BIO_new
#define BIO_new_file                           tls_library.BIO_new_file
#define BIO_new_mem_buf                        tls_library.BIO_new_mem_buf
#define BIO_new_socket                         tls_library.BIO_new_socket
#define BIO_puts                               tls_library.BIO_puts
#define BIO_read                               tls_library.BIO_read
#define BIO_s_mem                              tls_library.BIO_s_mem
#define BIO_s_null                             tls_library.BIO_s_null
#define BIO_set_callback_arg                   tls_library.BIO_set_callback_arg
#define BIO_set_callback_ex                    tls_library.BIO_set_callback_ex
#define BIO_set_data                           tls_library.BIO_set_data
#define BIO_set_flags                          tls_library.BIO_set_flags
#define BIO_set_init                           tls_library.BIO_set_init
#define BIO_test_flags                         tls_library.BIO_test_flags
#define CRYPTO_free                            tls_library.CRYPTO_free
#define CRYPTO_memcmp                          tls_library.CRYPTO_memcmp
#define DTLS_client_method                     tls_library.DTLS_client_method
#define DTLS_server_method                     tls_library.DTLS_server_method
#define DTLSv1_listen                          tls_library.DTLSv1_listen
#define ERR_clear_error                        tls_library.ERR_clear_error
#define ERR_error_string_n                     tls_library.ERR_error_string_n
#define ERR_peek_error                         tls_library.ERR_peek_error
#define EVP_EncodeBlock                        tls_library.EVP_EncodeBlock
#define EVP_PKEY_Q_keygen                      tls_library.EVP_PKEY_Q_keygen
#define EVP_PKEY_free                          tls_library.EVP_PKEY_free
#define EVP_PKEY_is_a                          tls_library.EVP_PKEY_is_a
#define EVP_Q_digest                           tls_library.EVP_Q_digest
#define EVP_Q_mac                              tls_library.EVP_Q_mac
#define EVP_sha1                               tls_library.EVP_sha1
#define EVP_sha256                             tls_library.EVP_sha256
#define GENERAL_NAMES_free                     tls_library.GENERAL_NAMES_free
#define GENERAL_NAME_print                     tls_library.GENERAL_NAME_print
#define OBJ_nid2ln                             tls_library.OBJ_nid2ln
#define OBJ_obj2nid                            tls_library.OBJ_obj2nid
#define OPENSSL_cleanse                        tls_library.OPENSSL_cleanse
#define OPENSSL_sk_num                         tls_library.OPENSSL_sk_num
#define OPENSSL_sk_value                       tls_library.OPENSSL_sk_value
#define OSSL_PROVIDER_load                     tls_library.OSSL_PROVIDER_load
#define PEM_read_bio_Parameters                tls_library.PEM_read_bio_Parameters
#define SSL_CIPHER_get_name                    tls_library.SSL_CIPHER_get_name
#define SSL_COMP_get_name                      tls_library.SSL_COMP_get_name
#define SSL_CTX_callback_ctrl                  tls_library.SSL_CTX_callback_ctrl
#define SSL_CTX_check_private_key              tls_library.SSL_CTX_check_private_key
#define SSL_CTX_clear_options                  tls_library.SSL_CTX_clear_options
#define SSL_CTX_ctrl                           tls_library.SSL_CTX_ctrl
#define SSL_CTX_free                           tls_library.SSL_CTX_free
#define SSL_CTX_get0_certificate               tls_library.SSL_CTX_get0_certificate
#define SSL_CTX_get_ex_data                    tls_library.SSL_CTX_get_ex_data
#define SSL_CTX_load_verify_dir                tls_library.SSL_CTX_load_verify_dir
#define SSL_CTX_load_verify_file               tls_library.SSL_CTX_load_verify_file
#define SSL_CTX_new_ex                         tls_library.SSL_CTX_new_ex
#define SSL_CTX_sess_set_new_cb                tls_library.SSL_CTX_sess_set_new_cb
#define SSL_CTX_set0_tmp_dh_pkey               tls_library.SSL_CTX_set0_tmp_dh_pkey
#define SSL_CTX_set_alpn_protos                tls_library.SSL_CTX_set_alpn_protos
#define SSL_CTX_set_alpn_select_cb             tls_library.SSL_CTX_set_alpn_select_cb
#define SSL_CTX_set_cipher_list                tls_library.SSL_CTX_set_cipher_list
#define SSL_CTX_set_ciphersuites               tls_library.SSL_CTX_set_ciphersuites
#define SSL_CTX_set_client_CA_list             tls_library.SSL_CTX_set_client_CA_list
#define SSL_CTX_set_cookie_generate_cb         tls_library.SSL_CTX_set_cookie_generate_cb
#define SSL_CTX_set_cookie_verify_cb           tls_library.SSL_CTX_set_cookie_verify_cb
#define SSL_CTX_set_default_verify_paths       tls_library.SSL_CTX_set_default_verify_paths
#define SSL_CTX_set_ex_data                    tls_library.SSL_CTX_set_ex_data
#define SSL_CTX_set_keylog_callback            tls_library.SSL_CTX_set_keylog_callback
#define SSL_CTX_set_num_tickets                tls_library.SSL_CTX_set_num_tickets
#define SSL_CTX_set_options                    tls_library.SSL_CTX_set_options
#define SSL_CTX_set_session_id_context         tls_library.SSL_CTX_set_session_id_context
#define SSL_CTX_set_tlsext_max_fragment_length tls_library.SSL_CTX_set_tlsext_max_fragment_length
#define SSL_CTX_set_verify                     tls_library.SSL_CTX_set_verify
#define SSL_CTX_use_PrivateKey                 tls_library.SSL_CTX_use_PrivateKey
#define SSL_CTX_use_PrivateKey_file            tls_library.SSL_CTX_use_PrivateKey_file
#define SSL_CTX_use_certificate                tls_library.SSL_CTX_use_certificate
#define SSL_CTX_use_certificate_chain_file     tls_library.SSL_CTX_use_certificate_chain_file
#define SSL_SESSION_free                       tls_library.SSL_SESSION_free
#define SSL_SESSION_is_resumable               tls_library.SSL_SESSION_is_resumable
#define SSL_clear_options                      tls_library.SSL_clear_options
#define SSL_client_version                     tls_library.SSL_client_version
#define SSL_ctrl                               tls_library.SSL_ctrl
#define SSL_do_handshake                       tls_library.SSL_do_handshake
#define SSL_free                               tls_library.SSL_free
#define SSL_get0_alpn_selected                 tls_library.SSL_get0_alpn_selected
#define SSL_get0_peer_certificate              tls_library.SSL_get0_peer_certificate
#define SSL_get_SSL_CTX                        tls_library.SSL_get_SSL_CTX
#define SSL_get_current_cipher                 tls_library.SSL_get_current_cipher
#define SSL_get_current_compression            tls_library.SSL_get_current_compression
#define SSL_get_current_expansion              tls_library.SSL_get_current_expansion
#define SSL_get_error                          tls_library.SSL_get_error
#define SSL_get_ex_data                        tls_library.SSL_get_ex_data
#define SSL_get_ex_data_X509_STORE_CTX_idx     tls_library.SSL_get_ex_data_X509_STORE_CTX_idx
#define SSL_get_options                        tls_library.SSL_get_options
#define SSL_get_servername                     tls_library.SSL_get_servername
#define SSL_get_version                        tls_library.SSL_get_version
#define SSL_has_pending                        tls_library.SSL_has_pending
#define SSL_is_dtls                            tls_library.SSL_is_dtls
#define SSL_is_init_finished                   tls_library.SSL_is_init_finished
#define SSL_load_client_CA_file                tls_library.SSL_load_client_CA_file
#define SSL_new                                tls_library.SSL_new
#define SSL_read_ex                            tls_library.SSL_read_ex
#define SSL_select_next_proto                  tls_library.SSL_select_next_proto
#define SSL_session_reused                     tls_library.SSL_session_reused
#define SSL_set0_wbio                          tls_library.SSL_set0_wbio
#define SSL_set_SSL_CTX                        tls_library.SSL_set_SSL_CTX
#define SSL_set_accept_state                   tls_library.SSL_set_accept_state
#define SSL_set_bio                            tls_library.SSL_set_bio
#define SSL_set_connect_state                  tls_library.SSL_set_connect_state
#define SSL_set_default_read_buffer_len        tls_library.SSL_set_default_read_buffer_len
#define SSL_set_ex_data                        tls_library.SSL_set_ex_data
#define SSL_set_read_ahead                     tls_library.SSL_set_read_ahead
#define SSL_set_session                        tls_library.SSL_set_session
#define SSL_set_shutdown                       tls_library.SSL_set_shutdown
#define SSL_shutdown                           tls_library.SSL_shutdown
#define SSL_write_ex                           tls_library.SSL_write_ex
#define TLS_client_method                      tls_library.TLS_client_method
#define TLS_server_method                      tls_library.TLS_server_method
#define X509V3_EXT_conf_nid                    tls_library.X509V3_EXT_conf_nid
#define X509_EXTENSION_free                    tls_library.X509_EXTENSION_free
#define X509_NAME_ENTRY_get_data               tls_library.X509_NAME_ENTRY_get_data
#define X509_NAME_ENTRY_get_object             tls_library.X509_NAME_ENTRY_get_object
#define X509_NAME_add_entry_by_txt             tls_library.X509_NAME_add_entry_by_txt
#define X509_NAME_entry_count                  tls_library.X509_NAME_entry_count
#define X509_NAME_get_entry                    tls_library.X509_NAME_get_entry
#define X509_NAME_get_index_by_NID             tls_library.X509_NAME_get_index_by_NID
#define X509_NAME_get_text_by_NID              tls_library.X509_NAME_get_text_by_NID
#define X509_NAME_print_ex                     tls_library.X509_NAME_print_ex
#define X509_STORE_CTX_get_current_cert        tls_library.X509_STORE_CTX_get_current_cert
#define X509_STORE_CTX_get_error               tls_library.X509_STORE_CTX_get_error
#define X509_STORE_CTX_get_error_depth         tls_library.X509_STORE_CTX_get_error_depth
#define X509_STORE_CTX_get_ex_data             tls_library.X509_STORE_CTX_get_ex_data
#define X509_add_ext                           tls_library.X509_add_ext
#define X509_digest                            tls_library.X509_digest
#define X509_free                              tls_library.X509_free
#define X509_get0_notAfter                     tls_library.X509_get0_notAfter
#define X509_get0_notBefore                    tls_library.X509_get0_notBefore
#define X509_get_X509_PUBKEY                   tls_library.X509_get_X509_PUBKEY
#define X509_get_ext_d2i                       tls_library.X509_get_ext_d2i
#define X509_get_issuer_name                   tls_library.X509_get_issuer_name
#define X509_get_serialNumber                  tls_library.X509_get_serialNumber
#define X509_get_subject_name                  tls_library.X509_get_subject_name
#define X509_getm_notAfter                     tls_library.X509_getm_notAfter
#define X509_getm_notBefore                    tls_library.X509_getm_notBefore
#define X509_gmtime_adj                        tls_library.X509_gmtime_adj
#define X509_new                               tls_library.X509_new
#define X509_set_issuer_name                   tls_library.X509_set_issuer_name
#define X509_set_pubkey                        tls_library.X509_set_pubkey
#define X509_set_version                       tls_library.X509_set_version
#define X509_sign                              tls_library.X509_sign
#define X509_verify_cert_error_string          tls_library.X509_verify_cert_error_string
#define i2d_X509_PUBKEY                        tls_library.i2d_X509_PUBKEY
