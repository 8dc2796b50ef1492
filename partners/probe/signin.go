package probe

import (
	"errors"
	"fmt"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// Refusal is what a sign-in service said in the place of an access token, where that is what an error is about. The failure
// that Understand made of the error is told the status and the words.
func Refusal(err error, failure *partners.Failure) (httpcall.TokenRefusal, bool) {
	var refusal httpcall.TokenRefusal
	if !errors.As(err, &refusal) {
		return refusal, false
	}
	failure.Status, failure.Connected = refusal.Status, true
	failure.Excerpt = plaintext.Line(refusal.Said, longestExcerpt)
	return refusal, true
}

// Entra is the failure of a call that signs in with Microsoft Entra and got no answer: Understand's, and where Entra gave no
// token, what its number means. Its texts change; the numbers stay.
func Entra(err error, failure *partners.Failure) *partners.Failure {
	refusal, ok := Refusal(err, failure)
	if !ok {
		return failure
	}
	for _, code := range refusal.Codes {
		known, ok := entraCodes()[code]
		if !ok {
			continue
		}
		failure.Class = known.class
		failure.Problem = fmt.Sprintf("Microsoft's sign-in at %s gave no access token: %s (AADSTS%d)", failure.Host, known.words, code)
		break
	}
	return failure
}

type entraCode struct {
	class partners.FailureClass
	words string
}

// entraCodes are the numbers of Entra's refusals that an app without a person meets, and their mends. Source:
// learn.microsoft.com/entra/identity-platform/reference-error-codes.
func entraCodes() map[int]entraCode {
	ours := func(words string) entraCode { return entraCode{partners.FailAuth, words} }
	return map[int]entraCode{
		7000222: ours("our client secret has expired; make a new one in the app's registration"),
		7000215: ours("our client secret is wrong; client_secret is the secret's value, not its id"),
		700016:  ours("the tenant knows no such app; check client_id, and the tenant in token_url"),
		7000112: ours("the app was disabled in the tenant; ask its administrator"),
		7000229: ours("the app has no enterprise application in the tenant; let an administrator consent to it there"),
		90002:   ours("there is no such tenant; check the tenant in token_url"),
		900023:  ours("what stands for the tenant in token_url is none; write its id or its domain"),
		53003:   ours("a rule of Conditional Access keeps the app out; ask the tenant's administrator"),
		70011:   ours("the scope is not valid; leave scopes out, or write one that ends in /.default"),
		1002012: ours("the scope is not valid for an app; leave scopes out, or write one that ends in /.default"),
		500011:  ours("the tenant does not know the API that the scope names; check scopes, and that the service is in use there"),
		90033:   {partners.FailServer, "it is unavailable for the moment, by its own word"},
		90036:   {partners.FailServer, "it met an error of its own"},
	}
}
