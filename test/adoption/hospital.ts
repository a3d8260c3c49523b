/** Stands in rows, and must stand in no output. */
export const SECRET = 'Gizli-Hasta-Adı';

/** A hospital's own tables, with everything in them that makes an adoption hard. */
export const HOSPITAL = `
  CREATE SCHEMA "Hasta_Kayıt";
  CREATE SCHEMA depo;
  CREATE TABLE "Hasta_Kayıt"."Hasta.Kartı" (
    "HastaNo" bigint PRIMARY KEY, "Soyadı" text, "Adı" text, "DoğumTarihi" date, silindi boolean DEFAULT false);
  CREATE TABLE "Hasta_Kayıt"."İşlem" (
    "İşlemNo" bigint PRIMARY KEY, "Hasta ""No""" bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı", açıklama text, sonuç bigint);
  CREATE INDEX ON "Hasta_Kayıt"."İşlem" ("Hasta ""No""");
  CREATE TABLE "Hasta_Kayıt"."Sonuç" (
    id bigint PRIMARY KEY, "İşlemNo" bigint NOT NULL REFERENCES "Hasta_Kayıt"."İşlem" ON DELETE SET NULL);
  ALTER TABLE "Hasta_Kayıt"."İşlem" ADD FOREIGN KEY (sonuç) REFERENCES "Hasta_Kayıt"."Sonuç";
  CREATE TABLE "Hasta_Kayıt".akrabalık (
    "AnneNo" bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı", "ÇocukNo" bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı",
    PRIMARY KEY ("AnneNo", "ÇocukNo"));
  CREATE TABLE "Hasta_Kayıt".fatura (id bigint, "HastaNo" integer, tarih date NOT NULL, tutar numeric) PARTITION BY RANGE (tarih);
  CREATE TABLE "Hasta_Kayıt".fatura_2025 PARTITION OF "Hasta_Kayıt".fatura FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE "Hasta_Kayıt".fatura_2026 PARTITION OF "Hasta_Kayıt".fatura FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE "Hasta_Kayıt".psikiyatri (id bigint PRIMARY KEY, hasta_no bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı");
  CREATE TABLE "Hasta_Kayıt".laboratuvar (id bigint PRIMARY KEY, hasta_no bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı");
  CREATE INDEX ON "Hasta_Kayıt".laboratuvar (hasta_no);
  ALTER TABLE "Hasta_Kayıt".laboratuvar ENABLE ROW LEVEL SECURITY;
  CREATE POLICY kendi ON "Hasta_Kayıt".laboratuvar USING (hasta_no = 1);
  CREATE TABLE "Hasta_Kayıt".tarife (kod text PRIMARY KEY, ücret numeric);
  CREATE VIEW "Hasta_Kayıt".liste AS SELECT "Adı" FROM "Hasta_Kayıt"."Hasta.Kartı";
  CREATE VIEW depo.listeden AS SELECT * FROM "Hasta_Kayıt".liste;
  CREATE MATERIALIZED VIEW "Hasta_Kayıt".kopya AS SELECT "HastaNo", "Adı" FROM "Hasta_Kayıt"."Hasta.Kartı";
  CREATE TABLE depo.rapor (id bigint PRIMARY KEY, hasta bigint REFERENCES "Hasta_Kayıt"."Hasta.Kartı" ON DELETE CASCADE);
  CREATE FUNCTION depo.kaydet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
  CREATE TRIGGER sil_kaydet AFTER DELETE ON "Hasta_Kayıt"."İşlem" FOR EACH ROW EXECUTE FUNCTION depo.kaydet();
  INSERT INTO "Hasta_Kayıt"."Hasta.Kartı" SELECT n, '${SECRET}', '${SECRET}', '1980-01-01' FROM generate_series(1, 6) n;
  INSERT INTO "Hasta_Kayıt"."İşlem" SELECT n, nullif(n % 7, 0), '${SECRET}' FROM generate_series(1, 70) n;
  INSERT INTO "Hasta_Kayıt"."Sonuç" SELECT n, n FROM generate_series(1, 20) n;
  INSERT INTO "Hasta_Kayıt".fatura SELECT n, n, '2025-06-01', 1 FROM generate_series(1, 8) n;`;

export const HOSPITAL_SCHEMA = '"Hasta_Kayıt"';
