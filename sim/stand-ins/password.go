package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// storedPassword is what a stand-in keeps of a password: enough to check it, not to read it.
type storedPassword struct {
	Salt []byte `json:"salt"`
	Hash []byte `json:"hash"`
}

func storePassword(password string) storedPassword {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		panic(err) // the system has no random numbers
	}
	return storedPassword{Salt: salt, Hash: stretch(password, salt)}
}

func (s storedPassword) matches(password string) bool {
	return subtle.ConstantTimeCompare(s.Hash, stretch(password, s.Salt)) == 1
}

func stretch(password string, salt []byte) []byte {
	mac := hmac.New(sha256.New, []byte(password))
	sum := salt
	for i := 0; i < 5000; i++ { // little, for slow phones: these protect toys
		mac.Reset()
		mac.Write(sum)
		sum = mac.Sum(nil)
	}
	return sum
}
