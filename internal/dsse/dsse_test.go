package dsse

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	a, errA := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, b, errB := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ECDSA": a, "Ed25519": b}
}

// TestEncoding is the example of the specification's text.
func TestEncoding(t *testing.T) {
	const want = "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
	if got := string(encoded("http://example.com/HelloWorld", []byte("hello world"))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestVerify: what a key signed is told by it, and by no other key; nothing of an
// envelope can be changed.
func TestVerify(t *testing.T) {
	others := keys(t)
	for name, key := range keys(t) {
		payload := []byte("{\"a\": 1}\n")
		b, err := Sign(key, InToto, payload)
		if err != nil {
			t.Fatal(name, err)
		}
		if again, _ := Sign(key, InToto, payload); !bytes.Equal(b, again) {
			t.Errorf("%s: two signatures of the same differ", name)
		}
		if got, err := Verify(key.Public(), InToto, b); err != nil || !bytes.Equal(got, payload) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		for _, other := range others {
			if _, err := Verify(other.Public(), InToto, b); !errors.Is(err, ErrSignature) {
				t.Errorf("%s: another key: %v", name, err)
			}
		}
		if _, err := Verify(key.Public(), "text/plain", b); err == nil {
			t.Errorf("%s: another type is taken", name)
		}
		changed, _ := Sign(key, InToto, []byte("{\"a\": 2}\n"))
		swapped := strings.Replace(string(b), between(string(b), `"sig":"`), between(string(changed), `"sig":"`), 1)
		if _, err := Verify(key.Public(), InToto, []byte(swapped)); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: the signature of another payload: %v", name, err)
		}
	}
}

func between(s, before string) string {
	_, rest, _ := strings.Cut(s, before)
	inside, _, _ := strings.Cut(rest, `"`)
	return inside
}

func TestKeys(t *testing.T) {
	for name, key := range keys(t) {
		private, err1 := x509.MarshalPKCS8PrivateKey(key)
		public, err2 := x509.MarshalPKIXPublicKey(key.Public())
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		k, err := PrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
		if err != nil {
			t.Fatal(name, err)
		}
		p, err := PublicKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
		if err != nil {
			t.Fatal(name, err)
		}
		b, err := Sign(k, InToto, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := Verify(p, InToto, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(large)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{nil, []byte("key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})} {
		if _, err := PrivateKey(text); err == nil {
			t.Errorf("%q is taken for a key", text)
		}
		if _, err := PublicKey(text); err == nil {
			t.Errorf("%q is taken for a public key", text)
		}
	}
}

// FuzzVerify: nothing that the key did not sign is told, and nothing panics.
func FuzzVerify(f *testing.F) {
	key := keys(f)["Ed25519"]
	good, err := Sign(key, InToto, []byte("signed"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"YQ==","signatures":[{"sig":""}]}`))
	f.Add([]byte("{} {}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if payload, err := Verify(key.Public(), InToto, b); err == nil && string(payload) != "signed" {
			t.Fatalf("%q gives %q", b, payload)
		}
	})
}
