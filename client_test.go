package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// forbidden are the names by which a package would reach the network past internal/httpcall, and so past its limits,
// breakers and redaction: for each import path a pattern of names, and what to do instead.
var forbidden = map[string]struct{ names, instead string }{
	"net/http": {`^(DefaultClient|DefaultTransport|Get|Head|Post|PostForm)$`, "take a Client of internal/httpcall"},
	"net":      {`^(Dial.*|ResolveTCPAddr)$`, "take the DialContext of internal/httpcall"},
	"crypto/tls": {`^(Dial.*|Client)$`,
		"take the DialContext of internal/httpcall"},
	"github.com/gorilla/websocket":          {`^(DefaultDialer|NewClient)$`, "make a websocket.Dialer with NetDialContext"},
	"github.com/PuerkitoBio/goquery":        {`^NewDocument$`, "fetch with internal/httpcall and use NewDocumentFromReader"},
	"github.com/hashicorp/go-retryablehttp": {`.`, "take a Client of internal/httpcall"},
	"github.com/hashicorp/go-cleanhttp":     {`.`, "take a Client of internal/httpcall"},
	"net/smtp":                              {`.`, "there is no mail in Sparky"},
	"net/rpc":                               {`^Dial`, "there is no RPC in Sparky"},
}

// given are the constructors that fall back on Go's default client, and the argument that keeps them from it: the name of
// an option, or nothing where the first argument is the client.
var given = map[string]map[string]string{
	"github.com/slack-go/slack":              {"New": "OptionHTTPClient"},
	"github.com/google/go-github/v60/github": {"NewClient": ""},
	"github.com/andygrunwald/go-jira":        {"NewClient": ""},
}

// TestOneHTTPClient holds the program to internal/httpcall: no other package makes an HTTP client or dials.
func TestOneHTTPClient(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch {
			case name == "fixtures", name == "tools", filepath.ToSlash(name) == "internal/httpcall", entry.Name() == "testdata",
				name != "." && strings.HasPrefix(entry.Name(), "."):
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, problem := range otherClients(set, parsed) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 5 {
		t.Errorf("only %d files were looked at", files)
	}
}

// otherClients are the places of a file that reach the network past internal/httpcall.
func otherClients(set *token.FileSet, file *ast.File) []string {
	var problems []string
	report := func(at token.Pos, what string) {
		problems = append(problems, set.Position(at).String()+": "+what)
	}
	imports := map[string]string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			report(spec.Pos(), "an import that cannot be read")
			continue
		}
		_, watched := forbidden[imported]
		if spec.Name != nil && spec.Name.Name == "." && watched {
			report(spec.Pos(), "imports the names of "+imported+" without its own; nobody could see what is used")
		}
		imports[localName(spec, imported)] = imported
	}
	pointed := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.StarExpr:
			pointed[node.X] = true
		case *ast.SelectorExpr:
			if problem := forbiddenName(imports, node, pointed[node]); problem != "" {
				report(node.Pos(), problem)
			}
		case *ast.CallExpr:
			if problem := withoutClient(imports, node); problem != "" {
				report(node.Pos(), problem)
			}
		case *ast.CompositeLit:
			if problem := dialsByItself(imports, node); problem != "" {
				report(node.Pos(), problem)
			}
		}
		return true
	})
	return problems
}

// majorVersion is the last element of an import path that names a major version, not the package.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

func localName(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	name := path.Base(imported)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(imported))
	}
	return strings.TrimPrefix(name, "go-")
}

// qualified is the import path and the name of a selector such as http.Get.
func qualified(imports map[string]string, expr ast.Expr) (imported, name string) {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if pkg, ok := selector.X.(*ast.Ident); ok {
		return imports[pkg.Name], selector.Sel.Name
	}
	return "", selector.Sel.Name
}

func forbiddenName(imports map[string]string, selector *ast.SelectorExpr, pointer bool) string {
	imported, name := qualified(imports, selector)
	if rule, ok := forbidden[imported]; ok && regexp.MustCompile(rule.names).MatchString(name) {
		return imported + "." + name + " goes past internal/httpcall; " + rule.instead
	}
	// A pointer to a client is one that was given; anything else is one that is made here.
	if imported == "net/http" && (name == "Client" || name == "Transport") && !pointer {
		return "makes an http." + name + "; take a Client of internal/httpcall"
	}
	if strings.HasPrefix(name, "ParseURL") && imports["gofeed"] != "" {
		return name + " fetches by itself; fetch with internal/httpcall and use Parse"
	}
	return ""
}

func withoutClient(imports map[string]string, call *ast.CallExpr) string {
	imported, name := qualified(imports, call.Fun)
	option, ok := given[imported][name]
	if !ok {
		return ""
	}
	if option == "" {
		if first, isName := call.Args[0].(*ast.Ident); isName && first.Name == "nil" {
			return name + " without a client uses Go's default one; give it the HTTP() of internal/httpcall"
		}
		return ""
	}
	if call.Ellipsis.IsValid() {
		return ""
	}
	for _, arg := range call.Args {
		if made, isCall := arg.(*ast.CallExpr); isCall {
			if from, optionName := qualified(imports, made.Fun); from == imported && optionName == option {
				return ""
			}
		}
	}
	return name + " without " + option + " uses Go's default client; give it the HTTP() of internal/httpcall"
}

func dialsByItself(imports map[string]string, literal *ast.CompositeLit) string {
	if imported, name := qualified(imports, literal.Type); imported != "github.com/gorilla/websocket" || name != "Dialer" {
		return ""
	}
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "NetDialContext" {
				return ""
			}
		}
	}
	return "a websocket.Dialer without NetDialContext dials by itself; give it the DialContext of internal/httpcall"
}

func TestOtherClientsAreFound(t *testing.T) {
	for source, problems := range map[string]int{
		`import "net/http"; var c = &http.Client{}`:                                             1,
		`import "net/http"; var c http.Client`:                                                  1,
		`import "net/http"; var c = new(http.Client)`:                                           1,
		`import "net/http"; var c = http.Client{Transport: &http.Transport{}}`:                  2,
		`import web "net/http"; var r, e = web.Get("https://a.example")`:                        1,
		`import "net/http"; func f() { http.DefaultClient.Do(nil) }`:                            1,
		`import "net/http"; var t = http.DefaultTransport.(*http.Transport).Clone()`:            1,
		`import . "net/http"; var r, e = Get("https://a.example")`:                              1,
		`import "net"; var c, e = net.Dial("tcp", "a.example:80")`:                              1,
		`import "net"; var d = net.Dialer{}`:                                                    1,
		`import "crypto/tls"; var c, e = tls.Dial("tcp", "a.example:443", nil)`:                 1,
		`import "github.com/gorilla/websocket"; var d = websocket.Dialer{}`:                     1,
		`import "github.com/gorilla/websocket"; var d = &websocket.Dialer{NetDialContext: f}`:   0,
		`import "github.com/gorilla/websocket"; var d = websocket.DefaultDialer`:                1,
		`import "github.com/mmcdole/gofeed"; var f, e = gofeed.NewParser().ParseURL("x")`:       1,
		`import "github.com/mmcdole/gofeed"; var f, e = gofeed.NewParser().Parse(nil)`:          0,
		`import "github.com/slack-go/slack"; var s = slack.New("t")`:                            1,
		`import "github.com/slack-go/slack"; var s = slack.New("t", slack.OptionHTTPClient(c))`: 0,
		`import "github.com/google/go-github/v60/github"; var g = github.NewClient(nil)`:        1,
		`import "github.com/google/go-github/v60/github"; var g = github.NewClient(c)`:          0,
		`import jira "github.com/andygrunwald/go-jira"; var j, e = jira.NewClient(nil, "u")`:    1,
		`import "github.com/hashicorp/go-retryablehttp"; var c = retryablehttp.NewClient()`:     1,
		`import "net/http"; func New(c *http.Client) { http.Error(nil, "", 1) }`:                0,
		`import "net/http"; type bot struct { client *http.Client; get func(http.Header) }`:     0,
		`import "net"; func f(l net.Listener, c net.Conn) { net.Listen("tcp", "") }`:            0,
		`import "net/http"; func f(s *http.Server) { http.ListenAndServe("", nil) }`:            0,
	} {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "x.go", "package x; "+source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got := otherClients(set, file); len(got) != problems {
			t.Errorf("%s: found %q, want %d problems", source, got, problems)
		}
	}
}
