"""Names of members that objects have everywhere: to tell them tells nothing.

A finding's place holds no name that only the payload knows, since that may be a person's or a secret. But where no
schema of a policy names the members of a tool's answer, the place of what was found would be its root. These words
stand in the schemas of nearly everybody; whoever is called one of them is not told from a field.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDINARY: Final = _words(
    """
    account account_id account_number accountId accountNumber accounts action address address1 address2
    address_line1 addresses amount answer args arguments attachments attributes author authors balance bcc
    billing billing_address birth_date birthDate birthday body card card_number cardNumber cards cc cell channel
    children city code comment comments company contact contacts content context count country created
    created_at createdAt creator currency customer customer_id customerId customers data date date_of_birth
    dateOfBirth description detail details dob document documents driver_license email email_address
    emailAddress emails employee employees entries entry error errors event events expiry file files first
    first_name firstName from full_name fullName gender group header headers host iban id ids image info inner
    input invoice invoices ip ip_address ipAddress item items key kind label labels last last_name lastName line
    line1 line2 lines link links list location locations login mail members message messages meta metadata
    method middle_name middleName mobile model name names node nodes note notes number object order order_id
    orderId orders organization origin output owner page params parent participants parts passport password path
    payee payload payment payments person person_id phone phone_number phoneNumber phones postal_code postcode
    price product products profile properties quantity query reason recipient recipients record records ref
    reference reply_to request response result results role row rows sender session shipping shipping_address
    source ssn state status street subject summary surname tag tags target task tax_id tel telephone text ticket
    tickets time timestamp title to token total transaction transactions type updated updated_at updatedAt uri
    url user user_id userId username users uuid value values version website zip zip_code zipCode
    """
)
