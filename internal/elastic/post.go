package elastic

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// poster sends requests over one connection, which a coordinator can see end.
// It is an HTTP client of its own because that of package net/http brings TLS
// and HTTP/2, more than the images of workers have room for; where the program
// has TLS anyway, secure dials it.
type poster struct {
	url   *url.URL
	token string
	conn  net.Conn
	r     *bufio.Reader
}

// response is what came back.
type response struct {
	status int
	text   string
	body   []byte
}

const (
	dialFor   = 10 * time.Second
	answerFor = 2 * time.Minute // a coordinator without work answers sooner
)

func newPoster(text, token string) (*poster, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("coordinator %q: want http://HOST:PORT", text)
	}
	if u.Scheme == "https" && secure == nil {
		return nil, fmt.Errorf("coordinator %q: this program was built without https", text)
	}
	return &poster{url: u, token: token}, nil
}

func (p *poster) close() {
	if p.conn != nil {
		p.conn.Close() // nothing is lost: every message is answered
		p.conn = nil
	}
}

func (p *poster) dial(ctx context.Context) error {
	port := p.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[p.url.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(p.url.Hostname(), port))
	if err == nil && p.url.Scheme == "https" {
		conn, err = secure(ctx, conn, p.url.Hostname())
	}
	if err == nil {
		p.conn, p.r = conn, bufio.NewReaderSize(conn, 1<<16)
	}
	return err
}

// post sends a message. The connection is used again unless something went
// wrong; a request on one that had ended meanwhile is sent once more.
func (p *poster) post(ctx context.Context, path string, body []byte) (*response, error) {
	used := p.conn != nil
	a, err := p.once(ctx, path, body)
	if err != nil && used && ctx.Err() == nil {
		a, err = p.once(ctx, path, body)
	}
	return a, err
}

func (p *poster) once(ctx context.Context, path string, body []byte) (a *response, err error) {
	if p.conn == nil {
		if err := p.dial(ctx); err != nil {
			return nil, err
		}
	}
	conn := p.conn
	if err := conn.SetDeadline(time.Now().Add(answerFor)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) // it may have ended by itself
	defer func() {
		if !stop() || err != nil {
			p.close()
		}
	}()
	head := "POST " + p.url.EscapedPath() + path + " HTTP/1.1\r\nHost: " + p.url.Host + "\r\nAuthorization: Bearer " + p.token +
		"\r\nContent-Type: application/octet-stream\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	parts := net.Buffers{[]byte(head), body}
	if _, err := parts.WriteTo(conn); err != nil {
		return nil, err
	}
	r, err := http.ReadResponse(p.r, nil)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the connection ended")
		}
		return nil, err
	}
	a = &response{status: r.StatusCode, text: r.Status}
	if a.body, err = readBody(r.Body, r.ContentLength, maxMessage); err != nil {
		return nil, err
	}
	if err := r.Body.Close(); err != nil || r.Close {
		p.close()
	}
	return a, nil
}

// atOnce is the most that is allocated because a message says that it is so
// long.
const atOnce = 1 << 26

// readBody reads a message of up to most bytes, and one more where it is longer.
// Its length is -1 where it was not told.
func readBody(r io.Reader, length, most int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(length, 0), most, atOnce)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(r, most+1))
	return b.Bytes(), err
}
