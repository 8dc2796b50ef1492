package statuspage

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The page is a tree of nodes that is written out at the end, where every text and every attribute is escaped. A
// template would do as well, but text/template calls methods by their name, which keeps every method of every type in
// the binary: 8 MB of it.

// nodes are a part of the page.
type nodes []*html.Node

// say is text as it is.
func say(text string) nodes {
	return nodes{{Type: html.TextNode, Data: strings.ToValidUTF8(text, "\uFFFD")}}
}

// tag is an element; class is left out where it is empty.
func tag(name atom.Atom, class string, inside ...nodes) nodes {
	element := &html.Node{Type: html.ElementNode, DataAtom: name, Data: name.String()}
	if class != "" {
		element.Attr = append(element.Attr, html.Attribute{Key: "class", Val: class})
	}
	for _, part := range inside {
		for _, child := range part {
			element.AppendChild(child)
		}
	}
	return nodes{element}
}

// with is an element with more attributes: a name, its value, the next name, and so on.
func (n nodes) with(pairs ...string) nodes {
	for i := 0; i < len(pairs); i += 2 {
		value := strings.ToValidUTF8(pairs[i+1], "\uFFFD")
		n[0].Attr = append(n[0].Attr, html.Attribute{Key: pairs[i], Val: value})
	}
	return n
}

// beside is parts one after the other, a line apart.
func beside(parts ...nodes) nodes {
	var all nodes
	for _, part := range parts {
		all = append(append(all, part...), say("\n")...)
	}
	return all
}

// each is what is made of every one of a list, a line apart.
func each[T any](list []T, make func(T) nodes) nodes {
	var all nodes
	for _, one := range list {
		all = append(all, beside(make(one))...)
	}
	return all
}

// sheet is a whole page of a title, what its head holds beside, and its body.
func sheet(title string, head, body nodes) ([]byte, error) {
	root := tag(atom.Html, "",
		tag(atom.Head, "", beside(
			tag(atom.Meta, "").with("charset", "utf-8"),
			tag(atom.Meta, "").with("name", "viewport", "content", "width=device-width, initial-scale=1"),
			tag(atom.Meta, "").with("name", "color-scheme", "content", "light dark"),
			tag(atom.Title, "", say(title)),
			head,
			tag(atom.Style, "", say(style)))),
		say("\n"),
		tag(atom.Body, "", body)).with("lang", "en")
	b := bytes.NewBufferString("<!DOCTYPE html>\n")
	if err := html.Render(b, root[0]); err != nil {
		return nil, fmt.Errorf("drawing our status page: %w", err)
	}
	return b.Bytes(), nil
}
