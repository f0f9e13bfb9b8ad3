#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make_certificates.sh - a CA and what it has signed, for the servers of tests.
#
#   make_certificates.sh FOLDER
#
# ca.pem signs good.pem (localhost and the presets' hosts) and other.pem (a name
# that nobody asks for); foreign.pem is signed by itself.

set -eu
cd "$1"
new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
# shellcheck disable=SC2086
{
  openssl req -x509 $new_key -subj /CN=CA -days 2 -keyout ca.key -out ca.pem
  sign() {
    openssl req $new_key -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    echo "subjectAltName=$2" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
      -days 2 -extfile "$1.ext" -out "$1.crt"
    cat "$1.key" "$1.crt" >"$1.pem"
  }
  sign good "DNS:localhost,DNS:api.twilio.com,DNS:rest.nexmo.com,DNS:sns.eu-west-1.amazonaws.com,DNS:gateway.test"
  sign other DNS:elsewhere.test
  openssl req -x509 $new_key -subj /CN=localhost -days 2 \
    -addext subjectAltName=DNS:localhost -keyout foreign.key -out foreign.crt
  cat foreign.key foreign.crt >foreign.pem
} >openssl.log 2>&1
chmod 644 ca.pem
