"""The kinds of personal data that can be found without a recognizer of one's own.

Data, because the deciding process imports neither Presidio nor spaCy; a test holds it against both.
"""

from typing import Final

# By the model, in context; DATE_TIME also by form.
NAMED: Final = frozenset({"DATE_TIME", "LOCATION", "NRP", "ORGANIZATION", "PERSON"})

# By Presidio's recognizers: form, checksum, words around it. First those of no one country.
# fmt: off
PATTERNED: Final = frozenset(
    {
        "ABA_ROUTING_NUMBER", "CREDIT_CARD", "CRYPTO", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS",
        "MAC_ADDRESS", "MEDICAL_LICENSE", "PHONE_NUMBER", "URL", "UUID",
        "AU_ABN", "AU_ACN", "AU_MEDICARE", "AU_TFN",
        "CA_POSTAL_CODE", "CA_SIN",
        "DE_BSNR", "DE_FUEHRERSCHEIN", "DE_HANDELSREGISTER", "DE_HEALTH_INSURANCE", "DE_ID_CARD", "DE_KFZ",
        "DE_LANR", "DE_PASSPORT", "DE_PLZ", "DE_SOCIAL_SECURITY", "DE_TAX_ID", "DE_TAX_NUMBER", "DE_VAT_ID",
        "ES_NIE", "ES_NIF", "ES_PASSPORT",
        "FI_PERSONAL_IDENTITY_CODE",
        "IN_AADHAAR", "IN_GSTIN", "IN_PAN", "IN_PASSPORT", "IN_VEHICLE_REGISTRATION", "IN_VOTER",
        "IT_DRIVER_LICENSE", "IT_FISCAL_CODE", "IT_IDENTITY_CARD", "IT_PASSPORT", "IT_VAT_CODE",
        "KR_BRN", "KR_DRIVER_LICENSE", "KR_FRN", "KR_PASSPORT", "KR_RRN",
        "NG_NIN", "NG_VEHICLE_REGISTRATION",
        "PH_PASSPORT", "PH_TIN", "PH_UMID",
        "PL_PESEL",
        "SE_ORGANISATIONSNUMMER", "SE_PERSONNUMMER",
        "SG_NRIC_FIN", "SG_UEN",
        "TH_TNIN",
        "TR_LICENSE_PLATE", "TR_NATIONAL_ID",
        "UK_DRIVING_LICENCE", "UK_NHS", "UK_NINO", "UK_PASSPORT", "UK_POSTCODE", "UK_VEHICLE_REGISTRATION",
        "US_BANK_NUMBER", "US_CLAIM_NUMBER", "US_DRIVER_LICENSE", "US_HEALTH_INSURANCE_MEMBER_ID", "US_ITIN",
        "US_MBI", "US_NPI", "US_PASSPORT", "US_PRESCRIPTION_NUMBER", "US_PRIOR_AUTHORIZATION_NUMBER",
        "US_PROVIDER_TAX_ID", "US_REFERRAL_NUMBER", "US_SSN",
        "ZA_COMPANY_REGISTRATION", "ZA_DRIVER_LICENSE", "ZA_ID_NUMBER", "ZA_INCOME_TAX_NUMBER",
        "ZA_LICENSE_PLATE", "ZA_MOBILE_NUMBER", "ZA_PASSPORT", "ZA_TELEPHONE_NUMBER", "ZA_TRAFFIC_REGISTER_NUMBER",
        "ZA_VAT_NUMBER",
    }
)
# fmt: on

# By recognizers of our own.
OWN: Final = frozenset(
    {
        "AGE", "CASE_NUMBER", "DATE_OF_BIRTH", "DRIVER_LICENSE", "LICENSE_NUMBER", "MEDICAL_RECORD", "NATIONAL_ID",
        "PASSPORT", "STREET_ADDRESS", "TITLE", "USERNAME", "VEHICLE",
        "API_KEY", "CONNECTION_STRING", "JWT", "PASSWORD", "PRIVATE_KEY",
    }
)  # fmt: skip

KNOWN: Final = NAMED | PATTERNED | OWN
