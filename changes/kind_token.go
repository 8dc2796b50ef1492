package changes

import "strings"

// token is a word of a sentence as the rules see it.
type token struct {
	word string // lower case, straight apostrophes
	raw  string
	code bool // stands inside a code span
	brk  byte // the punctuation between the word before and this one that weighs most: 0 , ( ) : ; - or .
}

// tokensOf splits a sentence into words. A name, path, version, date or number with its inner punctuation is one word.
func tokensOf(s string) []token {
	s = straight(s)
	out := make([]token, 0, len(s)/6+1)
	code, brk := false, byte(0)
	for i := 0; i < len(s); {
		if !isAlnum(s[i]) && !startsPath(s, i) {
			if s[i] == '`' {
				code = !code
			}
			brk = heavier(brk, s, i)
			i++
			continue
		}
		end := wordEnd(s, i)
		raw := s[i:end]
		out = append(out, token{word: lower(raw), raw: raw, code: code, brk: brk})
		brk, i = 0, end
	}
	return out
}

// startsPath tells that a slash begins a path, as in /v1/users.
func startsPath(s string, i int) bool {
	return s[i] == '/' && i+1 < len(s) && isAlnum(s[i+1]) && (i == 0 || s[i-1] == ' ' || s[i-1] == '`' || s[i-1] == '(')
}

func wordEnd(s string, i int) int {
	address := strings.HasPrefix(s[i:], "http")
	for i++; i < len(s); i++ {
		c := s[i]
		if isAlnum(c) || c == '_' {
			continue
		}
		if address && c != ' ' && c != ')' && c != '`' && c != ',' {
			continue
		}
		if strings.IndexByte("-./'@#&{}+:%$=", c) >= 0 && i+1 < len(s) && (isAlnum(s[i+1]) || c == '/' && s[i+1] == '{' || c == '}' && s[i+1] == '/' || s[i+1] == '_') {
			continue
		}
		break
	}
	return i
}

// heavier keeps the punctuation that separates more.
func heavier(brk byte, s string, i int) byte {
	const order = "-,()\"];:." // ascending
	c := s[i]
	if c == '-' && (i == 0 || s[i-1] != ' ') {
		return brk
	}
	if c == '!' || c == '?' {
		c = '.'
	}
	if strings.IndexByte(order, c) > strings.IndexByte(order, brk) {
		return c
	}
	return brk
}

func lower(s string) string { return strings.ToLower(straight(s)) }

// straight writes typographic quotes and dashes as a typewriter would.
func straight(s string) string {
	if !strings.ContainsAny(s, "‘’“”–—…") {
		return s
	}
	return typewriter.Replace(s)
}

var typewriter = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", " - ", "…", "...")

// things are what integrators build against: where one of them goes or changes, something of theirs breaks.
var things = setOf(`api apis endpoint endpoints method methods property properties parameter parameters param params
	field fields attribute attributes header headers scope scopes webhook webhooks sdk sdks client clients library
	libraries module modules class classes interface interfaces flag flags prop props argument arguments
	arg args enum enums schema schemas resource resources type types event events token tokens auth
	authentication authorization oauth tls ssl command commands cli operation operations query queries mutation mutations
	function functions package packages version versions url urls uri domain domains hostname certificate certificates
	ip payload payloads response responses request requests connector connectors plugin integration integrations app apps
	object objects table tables column columns key keys credential credentials cipher ciphers protocol runtime runtimes
	image images driver drivers agent agents node python java ruby php dotnet template templates relationship entity
	structure status code codes format syntax login signature constant constants identifier identifiers id ids`)

// isThing tells that a word names, by its meaning or by its shape, something that integrators build against.
func (t token) isThing() bool { return t.code || things[t.word] || t.isName() }

// isName tells a name in code by its shape: snake_case, camelCase, a.b, /path. A name of two humps that begins with a
// capital is taken for that of a product.
func (t token) isName() bool {
	humps := 0
	for i := 1; i < len(t.raw); i++ {
		c, before := t.raw[i], t.raw[i-1]
		switch {
		case c == '_', c == '/' && i > 1 && !strings.HasPrefix(t.word, "http") && strings.Count(t.raw, "/") > 1:
			return true
		case c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z':
			if humps++; humps > 1 || t.raw[0] >= 'a' {
				return true
			}
		case c == '.' && before|0x20 >= 'a' && before|0x20 <= 'z' && i+1 < len(t.raw) && t.raw[i+1]|0x20 >= 'a' && i > 1:
			return true
		}
	}
	return len(t.raw) > 1 && t.raw[0] == '/'
}

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
