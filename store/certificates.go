package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"sparky/partners"
)

// SaveCertificate keeps a certificate in the place of the partner's last one, unless that is newer.
func (s *Store) SaveCertificate(ctx context.Context, c partners.Certificate) error {
	bound(&c.At)
	encoded, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("store: keep the certificate of %s: %w", c.Partner, err)
	}
	_, err = s.write.ExecContext(ctx, `insert into certificates (partner, at_ms, certificate) values ($1, $2, $3)
		on conflict (partner) do update set at_ms = excluded.at_ms, certificate = excluded.certificate
			where certificates.at_ms <= excluded.at_ms`,
		text(c.Partner), millis(c.At), text(string(encoded)))
	return s.kept("keep a certificate", explain("keep the certificate of "+c.Partner, err))
}

// Certificates are the last certificates, by partner.
func (s *Store) Certificates(ctx context.Context) (map[string]partners.Certificate, error) {
	all, err := rows(ctx, s.read, "read the certificates", func(row *sql.Rows) (partners.Certificate, error) {
		var one partners.Certificate
		var partner, encoded string
		if err := row.Scan(&partner, &encoded); err != nil {
			return one, err
		}
		if err := json.Unmarshal([]byte(encoded), &one); err != nil {
			return one, fmt.Errorf("certificate of %s: %w", partner, err)
		}
		one.Partner = partner
		return one, nil
	}, `select partner, certificate from certificates`)
	if err != nil {
		return nil, err
	}
	byPartner := make(map[string]partners.Certificate, len(all))
	for _, one := range all {
		byPartner[one.Partner] = one
	}
	return byPartner, nil
}
