package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	dnsRounds  = 2               // times that each name server is asked: UDP loses packets
	dnsTry     = 2 * time.Second // for one of these
	dnsPayload = 1232            // bytes that fit in a packet anywhere (DNS flag day 2020)
)

// dnsAnswer is what a name server says.
type dnsAnswer struct {
	code    dnsmessage.RCode
	records []record // of the type that was asked for
	cut     bool     // it did not fit and is to be asked for over TCP
}

// ask asks the servers in turn until one answers, and names the one that did or the last one that did not.
func (p dnsProbe) ask(ctx context.Context, servers []string) (answer dnsAnswer, server string, err error) {
	for range dnsRounds {
		for _, server = range servers {
			if answer, err = p.askOne(ctx, server); err == nil || ctx.Err() != nil {
				return answer, server, err
			}
		}
	}
	return answer, server, err
}

func (p dnsProbe) askOne(ctx context.Context, server string) (dnsAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsTry)
	defer cancel()
	answer, err := p.exchange(ctx, "udp", server)
	if err == nil && answer.cut {
		return p.exchange(ctx, "tcp", server)
	}
	return answer, err
}

// exchange sends the question and waits for its answer.
func (p dnsProbe) exchange(ctx context.Context, network, server string) (dnsAnswer, error) {
	id := p.id()
	question, err := packQuestion(id, p.question)
	if err != nil {
		return dnsAnswer{}, err
	}
	conn, err := p.dial(ctx, network, server)
	if err != nil {
		return dnsAnswer{}, err
	}
	defer func() { _ = conn.Close() }()
	// Only a deadline in the past wakes a read that waits.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	answer, err := converse(conn, network == "tcp", question, id, p.question)
	if err != nil && ctx.Err() != nil {
		return dnsAnswer{}, ctx.Err()
	}
	return answer, err
}

func converse(conn net.Conn, framed bool, question []byte, id uint16, asked dnsmessage.Question) (dnsAnswer, error) {
	if framed {
		question = append(binary.BigEndian.AppendUint16(nil, uint16(len(question))), question...)
	}
	if _, err := conn.Write(question); err != nil {
		return dnsAnswer{}, err
	}
	buffer := make([]byte, 1<<16)
	for {
		message, err := receive(conn, framed, buffer)
		if err != nil {
			return dnsAnswer{}, err
		}
		answer, err := parseAnswer(message, id, asked)
		if framed || err == nil {
			return answer, err
		}
		// Over UDP anybody may have sent it; the right one may still come.
	}
}

func receive(conn net.Conn, framed bool, buffer []byte) ([]byte, error) {
	if !framed {
		n, err := conn.Read(buffer)
		return buffer[:n], err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	message := buffer[:binary.BigEndian.Uint16(length[:])]
	_, err := io.ReadFull(conn, message)
	return message, err
}

func packQuestion(id uint16, question dnsmessage.Question) ([]byte, error) {
	builder := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id, RecursionDesired: true})
	var options dnsmessage.ResourceHeader
	if err := errors.Join(
		builder.StartQuestions(),
		builder.Question(question),
		builder.StartAdditionals(),
		options.SetEDNS0(dnsPayload, dnsmessage.RCodeSuccess, false),
		builder.OPTResource(options, dnsmessage.OPTResource{}),
	); err != nil {
		return nil, fmt.Errorf("writing the question for %s: %w", question.Name, err)
	}
	return builder.Finish()
}

// errNotOurs is a message that does not answer our question.
var errNotOurs = errors.New("it sent something that does not answer the question")

// parseAnswer reads the answer to a question. Records of other types, such as the aliases on the way, are left out.
func parseAnswer(message []byte, id uint16, asked dnsmessage.Question) (dnsAnswer, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(message)
	if err != nil || header.ID != id || !header.Response {
		return dnsAnswer{}, errNotOurs
	}
	questions, err := parser.AllQuestions()
	if err != nil {
		return dnsAnswer{}, errNotOurs
	}
	for _, q := range questions {
		if q.Type != asked.Type || !strings.EqualFold(q.Name.String(), asked.Name.String()) {
			return dnsAnswer{}, errNotOurs
		}
	}
	answer := dnsAnswer{code: header.RCode, cut: header.Truncated}
	if answer.cut {
		return answer, nil
	}
	for {
		resource, err := parser.Answer()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return answer, nil
		}
		if err != nil {
			return dnsAnswer{}, fmt.Errorf("its answer cannot be read: %w", err)
		}
		if resource.Header.Type != asked.Type {
			continue
		}
		if r, ok := recordOf(resource); ok {
			answer.records = append(answer.records, r)
		}
	}
}
