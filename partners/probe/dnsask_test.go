package probe

import (
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"sparky/partners"
)

func TestNamesThatAreAsked(t *testing.T) {
	for _, test := range []struct{ name, kind, want string }{
		{"a.example", "A", "a.example."}, {"a.example.", "MX", "a.example."}, {"_dmarc.a.example", "TXT", "_dmarc.a.example."},
		{"192.0.2.7", "PTR", "7.2.0.192.in-addr.arpa."}, {"192.0.2.7", "A", "192.0.2.7."},
		{"2001:db8::1", "PTR", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
	} {
		p, err := readDNS(partners.ProbeConfig{Name: test.name, Type: test.kind})
		if err != nil || p.question.Name.String() != test.want {
			t.Errorf("%s %s: got %v, %v; want %s", test.name, test.kind, p.question.Name, err, test.want)
		}
	}
	for resolver, want := range map[string]string{
		"1.1.1.1": "1.1.1.1:53", "1.1.1.1:5353": "1.1.1.1:5353", "[2001:db8::1]": "[2001:db8::1]:53", "2001:db8::1": "[2001:db8::1]:53",
		"dns.example": "dns.example:53",
	} {
		if got := withPort(resolver); got != want {
			t.Errorf("%s: got %s, want %s", resolver, got, want)
		}
	}
}

func TestQuestions(t *testing.T) {
	asked := dnsmessage.Question{Name: nameOf("a.example."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	packed, err := packQuestion(77, asked)
	if err != nil {
		t.Fatal(err)
	}
	var message dnsmessage.Message
	if err := message.Unpack(packed); err != nil {
		t.Fatal(err)
	}
	if message.ID != 77 || !message.RecursionDesired || len(message.Questions) != 1 || message.Questions[0] != asked || len(message.Additionals) != 1 {
		t.Errorf("got %+v", message)
	}
	if _, err := parseAnswer(packed, 77, asked); err == nil {
		t.Error("a question was taken for its answer")
	}
}

func FuzzParseAnswer(f *testing.F) {
	asked := dnsmessage.Question{Name: nameOf("a.example."), Type: typeCAA, Class: dnsmessage.ClassINET}
	question, err := packQuestion(1, asked)
	if err != nil {
		f.Fatal(err)
	}
	z := &zone{records: []dnsmessage.ResourceBody{
		&dnsmessage.UnknownResource{Type: typeCAA, Data: []byte("\x00\x05issueca")}, &dnsmessage.TXTResource{TXT: []string{"a"}},
	}}
	f.Add(z.answer(f, question, "udp"))
	f.Add(question)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, message []byte) {
		answer, err := parseAnswer(message, 1, asked)
		if err != nil && (len(answer.records) != 0 || answer.code != 0) {
			t.Fatalf("got %+v beside %v", answer, err)
		}
		for _, r := range answer.records {
			if len(r.forms) == 0 {
				t.Fatal("a record that cannot be written")
			}
			r.is("a.example")
		}
	})
}
