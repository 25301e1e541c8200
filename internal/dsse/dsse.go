// Package dsse signs statements and checks them: envelopes of the Dead Simple
// Signing Envelope (version 1.0.2), as in-toto and its tools take them, with keys
// of ECDSA P-256 or Ed25519 in PEM. No clock, no log and no network take part.
package dsse

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
)

// InToto is the type of payloads that are in-toto statements.
const InToto = "application/vnd.in-toto+json"

type envelope struct {
	Type       string      `json:"payloadType"`
	Payload    string      `json:"payload"`
	Signatures []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// encoded is what is signed: the type and the payload with their lengths, so that
// neither can be taken for a part of the other.
func encoded(kind string, payload []byte) []byte {
	b := []byte("DSSEv1 " + strconv.Itoa(len(kind)) + " " + kind + " " + strconv.Itoa(len(payload)) + " ")
	return append(b, payload...)
}

// Sign puts a payload into an envelope. The same key and payload give the same
// bytes.
func Sign(key crypto.Signer, kind string, payload []byte) ([]byte, error) {
	message := encoded(kind, payload)
	var sig []byte
	var err error
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		h := sha256.Sum256(message)
		sig, err = k.Sign(nil, h[:], crypto.SHA256) // without randomness: RFC 6979
	case ed25519.PrivateKey:
		sig = ed25519.Sign(k, message)
	default:
		err = fmt.Errorf("a key of type %T: want ECDSA P-256 or Ed25519", key)
	}
	if err != nil {
		return nil, err
	}
	id, err := keyID(key.Public())
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(envelope{kind, base64.StdEncoding.EncodeToString(payload), []signature{{id, base64.StdEncoding.EncodeToString(sig)}}})
	return append(b, '\n'), err
}

// keyID is the SHA-256 of the public key in DER: a hint, not a proof.
func keyID(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("SHA256:%x", sha256.Sum256(der)), nil
}

// ErrSignature is in the chain of errors about an envelope that the key did not
// sign.
var ErrSignature = errors.New("not signed by this key")

// Verify gives the payload of an envelope that the key signed as one of kind.
func Verify(key crypto.PublicKey, kind string, b []byte) ([]byte, error) {
	var e envelope
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&e); err != nil || d.More() {
		return nil, errors.Join(errors.New("not one envelope in JSON"), err)
	}
	if e.Type != kind {
		return nil, fmt.Errorf("payload of type %q, want %s", e.Type, kind)
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	message := encoded(e.Type, payload)
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil {
			return nil, fmt.Errorf("signature: %w", err)
		}
		switch k := key.(type) {
		case *ecdsa.PublicKey:
			h := sha256.Sum256(message)
			if ecdsa.VerifyASN1(k, h[:], sig) {
				return payload, nil
			}
		case ed25519.PublicKey:
			if ed25519.Verify(k, message, sig) {
				return payload, nil
			}
		}
	}
	return nil, ErrSignature
}

// PrivateKey reads a key in PEM: PKCS 8, or SEC 1 as openssl ecparam writes it.
func PrivateKey(text []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "EC PRIVATE KEY":
			k, err := x509.ParseECPrivateKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			return k, usable(k.Public())
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			s, ok := k.(crypto.Signer)
			if !ok {
				return nil, usable(k)
			}
			return s, usable(s.Public())
		}
	}
	return nil, errors.New("no private key in PEM")
}

// PublicKey reads a key in PEM.
func PublicKey(text []byte) (crypto.PublicKey, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "PUBLIC KEY" {
			k, err := x509.ParsePKIXPublicKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			return k, usable(k)
		}
	}
	return nil, errors.New("no public key in PEM")
}

func usable(key any) error {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return nil
		}
	case ed25519.PublicKey:
		return nil
	}
	return errors.New("want a key of ECDSA P-256 or Ed25519")
}
